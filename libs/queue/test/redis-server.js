import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
/** Whether a `redis-server` is on the PATH. */
export function redisIsInstalled() {
    return spawnSync('redis-server', ['--version']).status === 0;
}
/** A Redis of its own on a free port, kept in memory only. */
export async function startRedis() {
    const port = await freePort();
    let server = await launch(port);
    const admin = new Redis(port, '127.0.0.1', { lazyConnect: true });
    admin.on('error', () => undefined); // it is cut off with the others
    return {
        backend: { kind: 'redis', url: `redis://127.0.0.1:${port}` },
        async wipe() {
            await admin.flushall();
        },
        async cutOff() {
            await end(server);
        },
        async restore() {
            server = await launch(port);
        },
        async endLocks() {
            const locks = await admin.keys('*:lock');
            await admin.del(locks);
        },
        async stop() {
            admin.disconnect();
            await end(server);
        },
    };
}
async function launch(port) {
    const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: server.stdout })) {
        if (line.includes('Ready to accept connections'))
            break;
    }
    server.stdout.resume();
    return server;
}
async function end(server) {
    if (server.exitCode !== null || server.signalCode !== null)
        return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
}
async function freePort() {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    await once(probe, 'close');
    return port;
}
//# sourceMappingURL=redis-server.js.map