// Partners and stanzas for the tests of `policy/`: plain values, each test says only what matters to it.

import type { Crossing } from '../../../src/policy/facts.ts'
import { gatherFacts, type Facts } from '../../../src/policy/facts.ts'
import type { Partner } from '../../../src/policy/partner.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { Frame } from '../../../src/xml/frame.ts'

export const OURS = ['corp.example', 'conference.corp.example']
export const NOW = Date.UTC(2026, 5, 15, 12)

export function partner(domain: string, changes: Partial<Partner> = {}): Partner {
  return {
    domain,
    alsoKnownAs: [],
    status: 'allowed',
    class: 'federated',
    direction: 'both',
    authentication: 'certificate',
    pins: [],
    anchors: [],
    connect: [],
    limits: {},
    policy: 'default',
    owner: undefined,
    purpose: undefined,
    contact: undefined,
    tags: [],
    expires: undefined,
    ...changes,
  }
}

/** What a question asks where a test does not say it. */
const ASKED = [{ namespace: 'jabber:iq:version', name: 'query' }]

export function frame({ bytes = Buffer.from('<message/>'), ...changes }: Partial<Frame> = {}): Frame {
  const id = 'id' in changes ? changes.id : 'a1'
  const written = Buffer.concat([bytes, Buffer.from(id ?? '')])
  const said = {
    name: 'message',
    namespace: 'jabber:server',
    to: undefined,
    from: undefined,
    type: undefined,
    lang: undefined,
    payloads: changes.name === 'iq' && (changes.type === 'get' || changes.type === 'set') ? ASKED : [],
    needsScope: false,
    declaresContent: false,
    ...changes,
  }
  const scope = changes.scope ?? { defaultNamespace: 'jabber:server', prefixes: new Map(), lang: undefined }
  return new Frame(written, said, scope, id === undefined ? -1 : bytes.length, written.length).with({ bytes })
}

/** The facts of a stanza between alice@corp.example and bob@partner.example, as far as `stanza` and `crossing` leave it so. */
export function facts(
  direction: 'inbound' | 'outbound',
  stanza: Partial<Frame> = {},
  {
    partners = [partner('partner.example')],
    ...crossing
  }: Partial<Omit<Crossing, 'partners'>> & { partners?: readonly Partner[] } = {},
): Facts {
  const [inside, outside] = ['alice@corp.example/desk', 'bob@partner.example/phone']
  const addresses = direction === 'inbound' ? { from: outside, to: inside } : { from: inside, to: outside }
  return gatherFacts(
    frame({ ...addresses, ...stanza }),
    {
      direction,
      provenTowards: () => [direction === 'inbound' ? 'partner.example' : 'corp.example'],
      partners: new PartnerList(partners),
      mode: 'closed',
      ours: OURS,
      ...crossing,
    },
    NOW,
  )
}
