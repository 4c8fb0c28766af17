// SPDX-License-Identifier: Apache-2.0
/**
 * A list of tasks, over HTTP with JSON, in one file that survives a power cut.
 *
 *   GET    /tasks          all of them; ?done=true or ?done=false: some
 *   POST   /tasks          {"title": "…"} makes one
 *   PATCH  /tasks/ID       {"title": "…"} or {"done": true} changes it
 *   DELETE /tasks/ID       removes it
 */

import { HttpError, json, type Request, type Response, serve } from "ukl:http";
import { env, exit, onSignal } from "ukl:process";
import { TaskStore } from "./task-store.js";

const store = TaskStore.open(env["TASKS_FILE"] ?? "/data/tasks.json");
const server = serve({ port: Number(env["PORT"] ?? 8080) }, answer);
console.log(`tasks: ${store.size} here, listening on port ${server.address.port}`);

onSignal("SIGTERM", () => {
  void server.close().then(() => {
    console.log("tasks: ended");
    exit();
  });
});

async function answer(request: Request): Promise<Response> {
  const [, collection, id, ...rest] = request.path.split("/");
  if (collection !== "tasks" || rest.length > 0) throw new HttpError(404, `There is no ${request.path}`);
  return id === undefined ? answerAll(request) : answerOne(request, Number(id));
}

async function answerAll({ method, query, body }: Request): Promise<Response> {
  switch (method) {
    case "GET":
    case "HEAD":
      return json(store.list(parseDone(query.get("done"))));
    case "POST": {
      const { title } = readFields(await body.json());
      if (title === undefined) throw new HttpError(422, "A task needs a title");
      const task = store.add(title);
      return json(task, { status: 201, headers: { location: `/tasks/${task.id}` } });
    }
    default:
      throw new HttpError(405);
  }
}

async function answerOne({ method, body }: Request, id: number): Promise<Response> {
  const task = store.find(id);
  if (task === undefined) throw new HttpError(404, "There is no such task");
  switch (method) {
    case "GET":
    case "HEAD":
      return json(task);
    case "PATCH":
      return json(store.change(id, readFields(await body.json())));
    case "DELETE":
      store.remove(id);
      return { status: 204 };
    default:
      throw new HttpError(405);
  }
}

interface Fields {
  readonly title?: string;
  readonly done?: boolean;
}

/** What comes from outside may be anything. */
function readFields(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw new HttpError(422, "A task is an object");
  const { title, done } = value as Record<string, unknown>;
  if (title !== undefined && (typeof title !== "string" || title === ""))
    throw new HttpError(422, "The title of a task is a text");
  if (done !== undefined && typeof done !== "boolean") throw new HttpError(422, '"done" is true or false');
  return { ...(title === undefined ? {} : { title }), ...(done === undefined ? {} : { done }) };
}

function parseDone(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === "true";
}
