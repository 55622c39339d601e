import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { House } from '../../../src/gateway/house.ts'
import { reception, type Hosts } from '../../../src/gateway/reception.ts'
import type { ReasonId } from '../../../src/xmpp/reasons.ts'
import type { Identity } from '../../../src/trust/identity.ts'

const OURS = new Set(['corp.example', 'conference.corp.example'])

const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined }

function rules(
  options: { conceal?: boolean; hasCoreListener?: boolean; admitted?: readonly string[]; against?: ReasonId } = {},
  shut?: () => ReasonId | undefined,
) {
  const house = {
    isOurs: (domain: string) => OURS.has(domain),
    gone: new Set(['was.example']),
    isCoreAddress: (address: string) => address === '10.1.0.5',
    conceal: options.conceal ?? true,
    hasCoreListener: options.hasCoreListener ?? true,
    admission: (domain: string) =>
      (options.admitted ?? []).includes(domain) ? undefined : (options.against ?? 'SP-101'),
    settings: { federation: { bidi: true } },
    ownIdentity: (domain: string) => (OURS.has(domain) ? ({ own: domain } as unknown as Identity) : undefined),
    mintedIdentity: (domain: string) => Promise.resolve({ minted: domain } as unknown as Identity),
    verifyCore: () => 'by the core rules',
    verifyPartner: () => 'by the partner rules',
  } as unknown as House
  const dialback = { rules: 'those of dialback', judge: () => Promise.resolve('judged') }
  const proving = { confirm: (verdict: string) => Promise.resolve(verdict) }
  return reception(() => house, { dialback, proving } as unknown as Hosts, shut)
}

interface Case {
  readonly says: string
  readonly from: string
  readonly to: string
  readonly address?: string
  readonly listener?: string
  readonly shared?: boolean
  readonly opens: string | undefined
  readonly condition?: string
  readonly leg: 'core' | 'partner'
}

const OUTSIDE = '192.0.2.7'
const CORE = '10.1.0.5'

const CASES: readonly Case[] = [
  {
    says: 'a stranger may open a stream and is judged when proven',
    from: 'x.example',
    to: 'corp.example',
    opens: undefined,
    leg: 'partner',
  },
  {
    says: 'a domain that is not ours is unknown',
    from: 'x.example',
    to: 'y.example',
    opens: 'SP-115',
    condition: 'host-unknown',
    leg: 'partner',
  },
  {
    says: 'a domain that was ours is gone',
    from: 'x.example',
    to: 'was.example',
    opens: 'SP-117',
    condition: 'host-gone',
    leg: 'partner',
  },
  {
    says: 'nobody outside is one of us',
    from: 'corp.example',
    to: 'corp.example',
    opens: 'SP-111',
    condition: 'invalid-from',
    leg: 'partner',
  },
  {
    says: 'the core may ask for any outside domain',
    from: 'corp.example',
    to: 'x.example',
    address: CORE,
    listener: 'core',
    opens: undefined,
    leg: 'core',
  },
  {
    says: 'the core comes from its networks only',
    from: 'corp.example',
    to: 'x.example',
    listener: 'core',
    opens: 'SP-112',
    condition: 'not-authorized',
    leg: 'core',
  },
  {
    says: 'the core speaks for our domains only',
    from: 'x.example',
    to: 'y.example',
    address: CORE,
    listener: 'core',
    opens: 'SP-113',
    condition: 'invalid-from',
    leg: 'core',
  },
  {
    says: 'the core finds its own domains inside',
    from: 'corp.example',
    to: 'conference.corp.example',
    address: CORE,
    listener: 'core',
    opens: 'SP-114',
    condition: 'host-unknown',
    leg: 'core',
  },
  {
    says: 'on a shared listener our names from the core networks are the core',
    from: 'corp.example',
    to: 'x.example',
    address: CORE,
    shared: true,
    opens: undefined,
    leg: 'core',
  },
  {
    says: 'on a shared listener our names from elsewhere are nobody',
    from: 'corp.example',
    to: 'x.example',
    shared: true,
    opens: 'SP-111',
    condition: 'invalid-from',
    leg: 'partner',
  },
  {
    says: 'on a shared listener the core networks may also hold a partner',
    from: 'x.example',
    to: 'corp.example',
    address: CORE,
    shared: true,
    opens: undefined,
    leg: 'partner',
  },
]

for (const {
  says,
  from,
  to,
  address = OUTSIDE,
  listener = 'federation',
  shared = false,
  opens,
  condition,
  leg,
} of CASES) {
  test(says, () => {
    const asked = rules({ hasCoreListener: !shared })
    const pair = { local: to, remote: from }
    const origin = { remoteAddress: address, listener }
    const refusal = asked.rules(origin).opens(pair)
    assert.equal(refusal?.reason, opens)
    assert.equal(refusal?.condition, condition)
    assert.equal(asked.leg(pair, origin), leg)
  })
}

const PAIR = { local: 'corp.example', remote: 'x.example' }
const ORIGIN = { remoteAddress: OUTSIDE, listener: 'federation' }

test('with conceal, a name is refused only after its proof', () => {
  const asked = rules().rules(ORIGIN)
  assert.equal(asked.opens(PAIR), undefined)
  assert.deepEqual([asked.admits(PAIR)?.reason, asked.admits(PAIR)?.condition], ['SP-101', 'policy-violation'])
})

test('without conceal, a name is refused when it is claimed', () => {
  assert.equal(rules({ conceal: false }).rules(ORIGIN).opens(PAIR)?.reason, 'SP-101')
  assert.equal(
    rules({ conceal: false, admitted: ['x.example'] })
      .rules(ORIGIN)
      .opens(PAIR),
    undefined,
  )
})

test('whoever may ask to be let in proves their name first, also without conceal', () => {
  const asked = rules({ conceal: false, against: 'SP-161' }).rules(ORIGIN)
  assert.equal(asked.opens(PAIR), undefined)
  assert.deepEqual([asked.admits(PAIR)?.reason, asked.admits(PAIR)?.condition], ['SP-161', 'policy-violation'])
})

test('partners see our own certificate, the core sees one minted for the outside domain', async () => {
  const asked = rules()
  assert.deepEqual(await asked.identity(PAIR), { own: 'corp.example' })
  assert.deepEqual(await asked.identity({ local: 'x.example', remote: 'corp.example' }), { minted: 'x.example' })
})

test('partners are shown nothing that was minted, also for a domain that was ours', async () => {
  const asked = rules()
  await assert.rejects(asked.identity({ local: 'was.example', remote: 'x.example' }), /no certificate for was\.example/)
})

test('each leg is verified by its own rules', async () => {
  const asked = rules()
  assert.equal(await asked.verify(PAIR, [], 'partner', TLS), 'by the partner rules')
  assert.equal(await asked.verify(PAIR, [], 'core', TLS), 'by the core rules')
})

test('a stream may go both ways where the settings say so', () => {
  assert.equal(rules().rules(ORIGIN).bidi, true)
})

test('dialback is for partners, and never for the core', async () => {
  const asked = rules()
  const core = { remoteAddress: CORE, listener: 'core' }
  assert.equal(asked.rules(ORIGIN).dialback?.(PAIR), 'those of dialback')
  assert.equal(asked.rules(core).dialback?.({ local: 'x.example', remote: 'corp.example' }), undefined)
  assert.equal(await asked.judge?.({ pair: PAIR, id: 's1', key: 'k' }, [], ORIGIN, TLS), 'judged')
})

test('the core gets no certificate for an address', () => {
  const origin = { remoteAddress: CORE, listener: 'core' }
  const refusal = rules().rules(origin).opens({ local: '192.0.2.1', remote: 'corp.example' })
  assert.deepEqual([refusal?.reason, refusal?.condition], ['SP-116', 'host-unknown'])
})

test('a stream stays on the leg it was opened on, whatever becomes ours meanwhile', () => {
  const asked = rules({ hasCoreListener: false })
  const origin = { remoteAddress: CORE, listener: 'federation' }
  const pair = { local: 'corp.example', remote: 'late.example' }
  assert.equal(asked.rules(origin).opens(pair), undefined)
  OURS.add('late.example')
  assert.equal(asked.leg(pair, origin), 'partner')
  OURS.delete('late.example')
})

test('the core does not come over direct TLS, not even from its own network', () => {
  const asked = rules({ hasCoreListener: false })
  const origin = { remoteAddress: CORE, listener: 'federation', tls: 'direct' } as const
  const pair = { local: 'x.example', remote: 'corp.example' }
  const refusal = asked.rules(origin).opens(pair)
  assert.deepEqual([refusal?.reason, refusal?.condition], ['SP-111', 'invalid-from'])
  assert.match(refusal?.detail ?? '', /over direct TLS/)
  assert.equal(asked.leg(pair, origin), 'partner')
})

test('the core does not come through a balancer, nor is the balancer the core, whatever address counts', () => {
  const asked = rules({ hasCoreListener: false })
  const pair = { local: 'x.example', remote: 'corp.example' }
  for (const [remoteAddress, balancer] of [
    [CORE, OUTSIDE],
    [CORE, CORE],
  ] as const) {
    const origin = { remoteAddress, listener: 'federation', balancer }
    const refusal = asked.rules(origin).opens(pair)
    assert.deepEqual([refusal?.reason, refusal?.condition], ['SP-111', 'invalid-from'])
    assert.match(refusal?.detail ?? '', /through the balancer/)
    assert.equal(asked.leg(pair, origin), 'partner')
  }
})

test('while the house is shut everybody is turned away, at the first header and after proof, and then nobody is', () => {
  let shut: ReasonId | undefined
  const house = rules({ admitted: ['x.example'] }, () => shut)
  for (const [address, listener, remote, local] of [
    [OUTSIDE, 'federation', 'x.example', 'corp.example'],
    [CORE, 'core', 'corp.example', 'x.example'],
  ] as const) {
    const asked = house.rules({ remoteAddress: address, listener })
    const pair = { local, remote }
    for (const reason of [undefined, 'SP-629', undefined] as const) {
      shut = reason
      for (const refusal of [asked.opens(pair), asked.admits(pair)]) {
        assert.equal(refusal?.reason, reason)
        assert.equal(refusal?.condition, reason && 'system-shutdown')
      }
      assert.equal(asked.bidi, true)
    }
  }
})
