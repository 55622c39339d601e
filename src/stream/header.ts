// What both sides ask of a stream header before they look at its names (RFC 6120 §4.7, §4.8).

import { NS } from '../xmpp/namespaces.ts'
import type { StreamHeader } from '../xml/frame.ts'
import { quote } from './quote.ts'
import type { Refusal } from './types.ts'

const VERSION = /^\d{1,9}\.\d{1,9}$/

/** What is wrong with a header's content namespace or version, if anything. `content`: what such a stream carries. */
export function headerFault({ scope, version }: StreamHeader, content: string = NS.server): Refusal | undefined {
  const { defaultNamespace, prefixes } = scope
  // The content namespace is the default one, or has a prefix where the default is not used for content. RFC 6120 §4.8.2
  const free = defaultNamespace === '' || defaultNamespace === NS.streams
  if (defaultNamespace !== content && !(free && [...prefixes.values()].includes(content))) {
    return { condition: 'invalid-namespace', reason: 'SP-423', detail: `xmlns=${quote(defaultNamespace)}` }
  }
  // Any version from 1.0 on is answered with ours, which is 1.0. RFC 6120 §4.7.5
  if (version === undefined || !VERSION.test(version) || Number.parseInt(version, 10) < 1) {
    return { condition: 'unsupported-version', reason: 'SP-422', detail: `version=${quote(version ?? '')}` }
  }
  return undefined
}
