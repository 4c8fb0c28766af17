// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "nginx",
  summary: "nginx 1.22: web server with TLS and HTTP/2, from Debian's source package, unmodified",
  license: "BSD-2-Clause",
  source: { kind: "debian-source", package: "nginx", version: "1.22.1" },
  build: {
    system: "configure",
    options: [
      ...["--prefix=/etc/nginx", "--conf-path=/etc/nginx/nginx.conf", "--pid-path=/run/nginx.pid"],
      ...["--error-log-path=stderr", "--http-log-path=/dev/stdout", "--lock-path=/run/nginx.lock"],
      ...["client-body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (name) => `--http-${name}-temp-path=/tmp/nginx-${name}`,
      ),
      ...["--user=nobody", "--group=nogroup", "--with-threads"],
      ...["ssl", "v2", "stub_status", "gzip_static"].map((name) => `--with-http_${name}_module`),
    ],
    packages: ["libssl-dev", "libpcre2-dev", "zlib1g-dev"],
  },
  program: "objs/nginx",
  files: {
    "/etc/nginx/nginx.conf": "nginx.conf",
    "/srv/www/index.html": "index.html",
  },
  certificates: { "/etc/nginx/tls": "localhost" },
  ports: [8080, 8443],
  memory: "128M",
  clients: ["curl", "openssl"],
  test: async (vm) => {
    const [http, https] = [`http://127.0.0.1:${vm.port(8080)}`, `https://127.0.0.1:${vm.port(8443)}`];
    const curl = (...args: readonly string[]): Promise<string> => vm.runClient("curl", ["-sS", ...args]);

    const page = await curl("--fail", `${http}/`);
    if (!page.includes("<h1>It works</h1>")) throw new Error(`it served ${JSON.stringify(page)}`);
    const answer = await curl(
      "--insecure",
      "--http2",
      "--write-out",
      "%{http_version} %{http_code}",
      `${https}/`,
    );
    if (answer !== `${page}2 200`) throw new Error(`it served ${JSON.stringify(answer)} with TLS`);
    const missing = await curl("--output", "/dev/null", "--write-out", "%{http_code}", `${http}/missing`);
    if (missing !== "404") throw new Error(`it answered ${missing} for a page that is not there`);

    // The certificate that it shows is the one for this host, and TLS 1.3 is what is agreed on.
    const connection = ["-connect", `127.0.0.1:${vm.port(8443)}`, "-tls1_3", "-verify_hostname", "localhost"];
    const session = await vm.runClient("openssl", ["s_client", "-showcerts", ...connection], { input: "" });
    for (const expected of ["Verify return code: 18 (self-signed certificate)", "TLSv1.3"])
      if (!session.includes(expected)) throw new Error(`openssl does not say "${expected}"`);

    // A worker that is forked serves them all; then the master ends it, and itself.
    await curl("--parallel", "--fail", "--output", "/dev/null", `${http}/status?[1-50]`);
    await vm.kill("SIGQUIT");
    const { status } = await vm.exited;
    if (status !== 0) throw new Error(`it ended with status ${status}`);
  },
});
