// SPDX-License-Identifier: Apache-2.0
/** The tasks, and the file that they are in. */

import { findStatus, makeDirectory, readTextFile, replaceFile } from "ukl:fs";

export interface Task {
  readonly id: number;
  readonly title: string;
  readonly done: boolean;
}

export class TaskStore {
  readonly #file: string;
  readonly #tasks: Map<number, Task>;

  private constructor(file: string, tasks: readonly Task[]) {
    this.#file = file;
    this.#tasks = new Map(tasks.map((task) => [task.id, task]));
  }

  /** Reads the file; without one it begins empty. */
  static open(file: string): TaskStore {
    if (findStatus(file) !== undefined) return new TaskStore(file, JSON.parse(readTextFile(file)) as Task[]);
    makeDirectory(file.replace(/\/[^/]*$/, "") || "/");
    return new TaskStore(file, []);
  }

  get size(): number {
    return this.#tasks.size;
  }

  list(done?: boolean): Task[] {
    return [...this.#tasks.values()].filter((task) => done === undefined || task.done === done);
  }

  find(id: number): Task | undefined {
    return this.#tasks.get(id);
  }

  add(title: string): Task {
    return this.#keep({ id: Math.max(0, ...this.#tasks.keys()) + 1, title, done: false });
  }

  /** @throws TypeError when there is none */
  change(id: number, fields: Partial<Omit<Task, "id">>): Task {
    const task = this.find(id);
    if (task === undefined) throw new TypeError(`there is no task ${id}`);
    return this.#keep({ ...task, ...fields });
  }

  remove(id: number): void {
    this.#tasks.delete(id);
    this.#save();
  }

  #keep(task: Task): Task {
    this.#tasks.set(task.id, task);
    this.#save();
    return task;
  }

  /** When it returns, what it saved is on the disk. */
  #save(): void {
    replaceFile(this.#file, `${JSON.stringify(this.list(), null, 2)}\n`);
  }
}
