// The thread on which much of a configuration is read, so that nobody's stanzas wait for it. Run by `thread-reader.ts` alone.

import { parentPort } from 'node:worker_threads'
import { lineTable } from './line-table.ts'
import { readPartner, readPolicy } from './readings.ts'
import { MAX_PARTNER_BYTES, readTextNow } from './read-text.ts'
import type { PartnersOnThread, PolicyOnThread, ThreadAnswer, ThreadRequest } from './thread-reader.ts'

const room = Buffer.allocUnsafe(MAX_PARTNER_BYTES + 1)

function policy({ text, place }: Extract<ThreadRequest, { text: string }>): PolicyOnThread {
  const { yaml, policy: read, findings } = readPolicy(text, place)
  return { yaml: yaml && { value: yaml.value, lines: lineTable(yaml) }, policy: read, findings }
}

function partners({ files, root }: Exclude<ThreadRequest, { text: string }>): PartnersOnThread {
  return files.map(({ path, shown }) => {
    const { text, ...content } = readTextNow(path, MAX_PARTNER_BYTES, room)
    if (text === undefined) return { unread: content }
    const { partner, findings, yaml } = readPartner(text, { file: shown, root })
    return { text, partner, findings, isYaml: yaml !== undefined }
  })
}

const port = parentPort
port?.on('message', (request: ThreadRequest) => {
  const answer: ThreadAnswer = 'text' in request ? { policy: policy(request) } : { partners: partners(request) }
  const lines = 'policy' in answer ? answer.policy.yaml?.lines.buffer : undefined
  port.postMessage(answer, lines === undefined ? [] : [lines])
})
