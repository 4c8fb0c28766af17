// SPDX-License-Identifier: Apache-2.0
/** Ports of the host that lead to ports of the guest. */

import { UklError } from "../errors/ukl-error.js";

export interface PortForward {
  readonly guestPort: number;
  readonly hostPort: number;
  /** The host's address that listens: "127.0.0.1" unless the user opens it to others. */
  readonly hostAddress: string;
  readonly protocol: "tcp" | "udp";
}

/**
 * Parses GUEST[:HOST] or GUEST:ADDRESS:HOST, with an optional /udp at the end. Without HOST both are the same.
 *
 * @throws UklError USAGE_INVALID
 */
export function parsePortForward(text: string): PortForward {
  const match = /^(\d+)(?::(?:(\d+(?:\.\d+){3}):)?(\d+))?(?:\/(tcp|udp))?$/.exec(text);
  const guestPort = Number(match?.[1]);
  const hostPort = Number(match?.[3] ?? guestPort);
  const valid = [guestPort, hostPort].every((port) => port >= 1 && port <= 65_535);
  if (match === null || !valid) {
    throw new UklError(
      "USAGE_INVALID",
      `Cannot forward "${text}": it is not GUEST[:HOST] with ports from 1 to 65535`,
      {
        hint: "For port 6379 of the guest at port 16379 of this host: --port 6379:16379",
      },
    );
  }
  const protocol = match[4] === "udp" ? "udp" : "tcp";
  return { guestPort, hostPort, hostAddress: match[2] ?? "127.0.0.1", protocol };
}

/** How a client on this host reaches it: "127.0.0.1:16379". */
export function formatHostEnd(port: PortForward): string {
  return `${port.hostAddress}:${port.hostPort}${port.protocol === "udp" ? "/udp" : ""}`;
}
