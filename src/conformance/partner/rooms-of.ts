// Where our account at a partner makes rooms: at the service that is named, or at the first that the partner's server tells of.
// XEP-0045 §6.1

import { NAMESPACES } from '../namespaces.ts'
import type { Asking } from './seen.ts'
import type { Talk } from './talk.ts'

const { DISCO_ITEMS, DISCO_INFO } = NAMESPACES
const PATIENCE_MS = 10_000
/** Of what a server has, more is not asked about. */
const MOST_ITEMS = 16

export type Rooms = { readonly service: string; readonly name: string } | { readonly none: string }

/** Rooms of a run are its own: what an earlier one has left, or somebody has made, is not met. */
export const named = (room: string | undefined, prefix: string): string => {
  const [name = '', service] = (room ?? 'sallyport').split('@')
  return `${name}-${prefix}${service === undefined ? '' : `@${service}`}`
}

/** @param room `name@service`, or how rooms are called, wherever. @returns why there are none, as a sentence, where there are none */
export async function roomsOf(talk: Talk, asking: Asking, room: string): Promise<Rooms> {
  const [name = '', told] = room.split('@')
  const service = told ?? (await findService(talk))
  if (service === undefined)
    return { none: "Needs a service of rooms: the partner's server tells our account there of none." }
  const { refused } = (await asking.test(service)).ours
  if (refused !== undefined)
    return { none: `Our partner list does not admit ${service} (${refused}): add it to alsoKnownAs.` }
  return { service, name }
}

async function findService(talk: Talk): Promise<string | undefined> {
  const ask = async (to: string, namespace: string) => {
    const id = talk.say('theirs', `<iq type='get' to='${to}' id='{id}'><query xmlns='${namespace}'/></iq>`)
    const answer = await talk.take({ theirs: ({ attrs }) => attrs['id'] === id }, PATIENCE_MS)
    return answer?.getChild('query', namespace)
  }
  const items = (await ask('{peer}', DISCO_ITEMS))?.getChildren('item') ?? []
  for (const { attrs } of items.slice(0, MOST_ITEMS)) {
    const { jid } = attrs
    if (jid === undefined || !/^[^<>&'"@/]+$/.test(jid)) continue
    const identities = (await ask(jid, DISCO_INFO))?.getChildren('identity') ?? []
    if (identities.some((one) => one.attrs['category'] === 'conference' && one.attrs['type'] === 'text')) return jid
  }
  return undefined
}
