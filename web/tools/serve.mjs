// A small static server for the tests and the gallery: loopback only, with the office's own content security policy, and with
// answers to the JSON endpoints that the behaviours call, kept by the caller.
import { createServer } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/// As strict as the office's: no inline script, no inline style, nothing from other hosts.
export const kPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    + "font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

const kTypes = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json" };

/// Serves `folder`; `answer(request, body)` may return {status, type, body, headers} for a path of its own. Returns {url, close}.
export function serve(folder, answer = () => undefined) {
    const server = createServer((request, response) => {
        const chunks = [];
        request.on("data", chunk => chunks.push(chunk));
        request.on("end", async () => {
            const given = await answer(request, Buffer.concat(chunks));
            const headers = { "Content-Security-Policy": kPolicy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" };
            if (given) {
                response.writeHead(given.status ?? 200, { ...headers, "Content-Type": given.type ?? "application/json", ...given.headers });
                response.end(given.body ?? "");
                return;
            }
            const file = path.join(folder, path.normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)));
            if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
                response.writeHead(404, headers);
                response.end("not found");
                return;
            }
            response.writeHead(200, { ...headers, "Content-Type": kTypes[path.extname(file)] ?? "application/octet-stream" });
            response.end(readFileSync(file));
        });
    });
    return new Promise(resolve => server.listen(0, "127.0.0.1", () => resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        close: () => new Promise(done => { server.closeAllConnections(); server.close(done); }),
    })));
}
