// A domain of a partner that is wrong on purpose: it has to be turned away, and for what is wrong with it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPeerAccount } from '../../../src/config/peer-account.ts'
import { SCENARIOS } from '../../../src/conformance/partner/scenarios.ts'
import { judged, type Tried, type Wrong, WRONGS } from '../../../src/conformance/partner/wrong.ts'
import { isReasonId } from '../../../src/xmpp/reasons.ts'

const OURS = '<iq type="error"><text>Not allowed. Reference: b24g-ytjy-n587</text></iq>'
/** As the gateway logs it. */
const out = (reason: string, remote = 'bad.a.example', leg = 'partner'): string =>
  `{"event":"link.failed","reason":"${reason}","leg":"${leg}","local":"corp.example","remote":"${remote}","attempts":[]}`
const came = (reason: string): string =>
  `{"event":"stream.failed","reason":"${reason}","role":"receiving","local":"corp.example","remote":"bad.a.example"}`

const WRONG_ONES: readonly (readonly [string, Wrong, Partial<Tried>, string])[] = [
  ['turned away, and our user is told', 'expired', { answer: OURS, log: [out('SP-302')] }, 'pass'],
  ['turned away, and our user is not told', 'expired', { log: [out('SP-302')] }, 'violation'],
  ['talked to', 'expired', { answer: '<iq type="result"/>', log: [] }, 'violation'],
  ['talked to, whatever has failed besides', 'expired', { answer: '<iq/>', log: [out('SP-302')] }, 'violation'],
  ['wrong otherwise', 'expired', { answer: OURS, log: [out('SP-305')] }, 'inconclusive'],
  ['another domain', 'expired', { answer: OURS, log: [out('SP-302', 'a.example')] }, 'inconclusive'],
  ['the other way', 'expired', { answer: OURS, log: [came('SP-302')] }, 'inconclusive'],
  ['the core', 'expired', { answer: OURS, log: [out('SP-302', 'bad.a.example', 'core')] }, 'inconclusive'],
  ['not admitted', 'expired', { answer: `${OURS}<not-allowed/>`, log: [] }, 'inconclusive'],
  ['nothing at all', 'expired', { log: [] }, 'inconclusive'],
  ['its stream to us', 'servers-only', { log: [came('SP-318')] }, 'pass'],
  ['ours to it', 'servers-only', { answer: OURS, log: [out('SP-318')] }, 'inconclusive'],
  ['talked to under dod', 'servers-only', { answer: '<iq/>', log: [] }, 'violation'],
  ['talked to under standard', 'servers-only', { answer: '<iq/>', log: [], profile: 'standard' }, 'pass'],
  ['any of several reasons', 'no-responder', { answer: OURS, log: [out('SP-344')] }, 'pass'],
]

test('a domain that is wrong on purpose has to be turned away for what is wrong with it', () => {
  for (const [name, wrong, more, kind] of WRONG_ONES)
    assert.equal(
      judged(wrong, { domain: 'bad.a.example', profile: 'dod', answer: undefined, log: [], ...more }).kind,
      kind,
      name,
    )
  // Each of them has its scenario, and may be told of.
  const kinds = SCENARIOS.flatMap(({ withWrong }) => withWrong ?? [])
  assert.deepEqual(kinds.toSorted(), Object.keys(WRONGS).toSorted())
  const text = kinds.map((kind) => `  ${kind}: ${kind}.a.example\n`).join('')
  const { account, fault } = readPeerAccount(`account: a@a.example\npassword: "1"\nwrong:\n${text}`)
  assert.deepEqual(Object.keys(account?.wrong ?? {}), kinds, String(fault))
  for (const { reasons } of Object.values(WRONGS)) for (const reason of reasons) assert.ok(isReasonId(reason), reason)
})
