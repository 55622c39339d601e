// Work with directories on threads of its own, one for each piece of it: what a directory sends may be built to keep whoever
// reads it busy, or to break it. On the thread it breaks nothing else, and the thread ends when the time is over.

import { Worker } from 'node:worker_threads'

/** What became of a thread that broke: told in words. */
export interface Broken {
  readonly failed: string
}

/**
 * Runs the file with the task and gives back the first thing it posts. Rejects when the time is over.
 * @param file beside this one
 */
export async function onThread<Outcome>(
  file: string,
  task: object,
  { signal, heapMb }: { readonly signal: AbortSignal; readonly heapMb: number },
): Promise<Outcome | Broken> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome | Broken>()
  const over = (): void => reject(new Error('the time is over'))
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  })
  worker.once('message', resolve)
  worker.on('error', (error) => resolve({ failed: `its answer could not be read (${nameOf(error)})` }))
  worker.once('exit', () => resolve({ failed: 'its answer could not be read' }))
  signal.addEventListener('abort', over, { once: true })
  if (signal.aborted) over()
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', over)
    await worker.terminate()
  }
}

const nameOf = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'no error'
