// SPDX-License-Identifier: Apache-2.0
/**
 * What connects the guest with the host. Debian 12's passt completes a client's connection only when the client has sent
 * something, so a server that speaks first (SSH, SMTP, MySQL) is never heard through it. QEMU's own network has not this
 * fault, but stalls with some thirty busy connections.
 */
export const networkKinds = ["passt", "qemu"] as const;

export type NetworkKind = (typeof networkKinds)[number];
