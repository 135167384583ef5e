import { channel } from 'node:diagnostics_channel';
import { startFauxqs } from 'fauxqs';
import type { Engine } from './engine.ts';

interface FastifyInstance {
  listen(options: { port: number; host: string }): Promise<string>;
}

/**
 * Starts fauxqs (S3 and SQS in one endpoint) in this process on a free port.
 * @param options.dataDir where queues and objects are kept (SQLite); in memory when absent
 */
export async function startS3Sqs(options: { region: string; dataDir?: string }): Promise<Engine> {
  const server = await onLoopbackOnly(() =>
    startFauxqs({
      port: 0,
      logger: false,
      host: 'localhost',
      defaultRegion: options.region,
      ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    }),
  );
  if (new URL(server.address).hostname !== '127.0.0.1') {
    await server.stop();
    throw new Error(
      `The embedded S3 would answer the whole network at ${server.address}; it was stopped. ` +
        'The installed fauxqs differs from the pinned one: run "npm ci".',
    );
  }
  return { endpoint: `http://127.0.0.1:${server.port}`, stop: () => server.stop() };
}

/**
 * fauxqs binds 0.0.0.0 and has no option for it, while the archive holds bank statements. Fastify announces every
 * instance before it listens (its documented channel `fastify.initialization`), where the host is put right.
 */
async function onLoopbackOnly<T>(start: () => Promise<T>): Promise<T> {
  const announced = channel('fastify.initialization');
  const correct = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    const listen = fastify.listen.bind(fastify);
    fastify.listen = (options) => listen({ ...options, host: '127.0.0.1' });
  };
  announced.subscribe(correct);
  try {
    return await start();
  } finally {
    announced.unsubscribe(correct);
  }
}
