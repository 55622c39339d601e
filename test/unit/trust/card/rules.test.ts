import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as holds, asyncProperty, constantFrom, tuple } from 'fast-check'
import { readCertificate, type Certificate } from '../../../../src/trust/certificate.ts'
import { readPairs } from '../../../../src/trust/card/pairs.ts'
import { CARD_FIELDS, groupsIn, patternFault, SUBJECT_FIELDS, ALT_NAMES } from '../../../../src/trust/card/fields.ts'
import { chooseAddress, holderOf, type CardRule } from '../../../../src/trust/card/rules.ts'
import { issue } from '../../../support/pki.ts'

const isOurs = (domain: string): boolean => domain === 'corp.test' || domain === 'xn--bcher-kva.test'

interface Carried {
  readonly names?: readonly string[]
  readonly commonName?: string
}

const cards = new Map<string, Promise<Certificate>>()

function card(carried: Carried): Promise<Certificate> {
  const key = JSON.stringify(carried)
  const made = cards.get(key) ?? make(carried)
  cards.set(key, made)
  return made
}

async function make({ names = [], commonName = 'card' }: Carried): Promise<Certificate> {
  const certificate = readCertificate((await issue({ names, commonName, ekus: ['clientAuth'] })).der)
  assert.ok(typeof certificate !== 'string')
  return certificate
}

const { pairs } = readPairs('# who is who\n1234567890 juliet@corp.test\n\nDOE.JOHN.Q.42   Romeo@CORP.test\n', 'pairs')
const { pairs: numbers } = readPairs('k123 juliet@corp.test\n', 'numbers')
const NAMES: readonly CardRule[] = [{ from: 'xmppAddr' }, { from: 'email' }, { from: 'upn' }]

const FOUND: readonly (readonly [
  carried: Carried,
  rules: readonly CardRule[],
  addresses: readonly string[],
  rule?: number,
])[] = [
  [{ names: ['XMPP:juliet@corp.test'] }, NAMES, ['juliet@corp.test'], 1],
  [{ names: ['EMAIL:juliet@corp.test'] }, NAMES, ['juliet@corp.test'], 2],
  [{ names: ['UPN:juliet@corp.test'] }, NAMES, ['juliet@corp.test'], 3],
  // The order is the administrator's, not the certificate's.
  [{ names: ['EMAIL:other@corp.test', 'XMPP:juliet@corp.test'] }, NAMES, ['juliet@corp.test'], 1],
  [
    { names: ['EMAIL:other@corp.test', 'XMPP:juliet@corp.test'] },
    [{ from: 'email' }, { from: 'xmppAddr' }],
    ['other@corp.test'],
    1,
  ],
  [{ names: ['XMPP:juliet@elsewhere.test', 'EMAIL:juliet@corp.test'] }, NAMES, ['juliet@corp.test'], 2],
  [{ names: ['XMPP:b@corp.test', 'XMPP:a@corp.test', 'XMPP:B@corp.test'] }, NAMES, ['b@corp.test', 'a@corp.test'], 1],
  // One form: RFC 7622.
  [{ names: ['XMPP:Juliet@CORP.test'] }, NAMES, ['juliet@corp.test'], 1],
  [{ names: ['EMAIL:JULIET@Corp.Test'] }, NAMES, ['juliet@corp.test'], 2],
  [{ names: ['XMPP:ÉLOÏSE@bücher.test'] }, NAMES, ['éloïse@xn--bcher-kva.test'], 1],
  [{ names: ['XMPP:ｊuliet@corp.test'] }, NAMES, ['juliet@corp.test'], 1],
  // What cannot be seen, or looks like something else, makes no other address of a name.
  ...['bo\u00ADss', 'boss\u200D', 'boss\uFEFF', 'bo\u034Fss', '\u24D1oss', 'bos\u017F', '\u{1D41B}oss', 'bo\u00DF'].map(
    (commonName) => [{ commonName }, [{ from: 'CN', matches: '.*', to: '{0}@corp.test' }], []] as const,
  ),
  [{ commonName: '\uFB01ona' }, [{ from: 'CN', matches: '.*', to: '{0}@corp.test' }], []],
  [{ commonName: '\u212Aelvin' }, [{ from: 'CN', matches: '.*', to: '{0}@corp.test' }], []],
  [{ commonName: 'b\u043Ess' }, [{ from: 'CN', matches: '.*', to: '{0}@corp.test' }], ['b\u043Ess@corp.test'], 1],
  [{ commonName: '\u212A123' }, [{ from: 'CN', matches: '.*', pairs: numbers }], []],
  [{ commonName: '\uFF2B123' }, [{ from: 'CN', matches: '.*', pairs: numbers }], []],
  [{ commonName: 'K123\u00AD' }, [{ from: 'CN', matches: '.*', pairs: numbers }], []],
  [{ commonName: 'K123' }, [{ from: 'CN', matches: '.*', pairs: numbers }], ['juliet@corp.test'], 1],
  // What is no address of a person of ours.
  [{ names: ['XMPP:corp.test'] }, NAMES, []],
  [{ names: ['XMPP:juliet@corp.test/phone'] }, NAMES, []],
  [{ names: ['EMAIL:juliet@mail.corp.test'] }, NAMES, []],
  [{ names: ["EMAIL:o'hara@corp.test"] }, NAMES, []],
  [{ names: ['juliet.corp.test', 'URI:xmpp:juliet@corp.test'] }, NAMES, []],
  // The common name counts only where a rule says so.
  [{ commonName: 'juliet@corp.test' }, NAMES, []],
  [{ commonName: 'juliet@corp.test', names: ['EMAIL:nurse@corp.test'] }, NAMES, ['nurse@corp.test'], 2],
  [{ commonName: 'juliet@corp.test' }, [{ from: 'CN', matches: '.+', to: '{0}' }], ['juliet@corp.test'], 1],
  [
    { commonName: 'CAPULET.JULIET.1234567890' },
    [{ from: 'CN', matches: '.*\\.(\\d{10})', to: 'u{1}@corp.test' }],
    ['u1234567890@corp.test'],
    1,
  ],
  [
    { commonName: 'CAPULET.JULIET.1234567890' },
    [{ from: 'CN', matches: '.*\\.(\\d{10})', pairs }],
    ['juliet@corp.test'],
    1,
  ],
  [{ commonName: 'CAPULET.JULIET.1234567891' }, [{ from: 'CN', matches: '.*\\.(\\d{10})', pairs }], []],
  [{ commonName: 'Doe.John.Q.42' }, [{ from: 'CN', matches: '.*', pairs }], ['romeo@corp.test'], 1],
  [{ names: ['UPN:1234567890@mil'] }, [{ from: 'upn', matches: '(\\d{10})@mil', pairs }], ['juliet@corp.test'], 1],
  [
    { names: ['UPN:juliet@corp.local'] },
    [{ from: 'upn', matches: '([^@]+)@corp\\.local', to: '{1}@corp.test' }],
    ['juliet@corp.test'],
    1,
  ],
  // A pattern is for the whole of a field.
  [
    { names: ['UPN:juliet@corp.local.evil.test'] },
    [{ from: 'upn', matches: '([^@]+)@corp\\.local', to: '{1}@corp.test' }],
    [],
  ],
  [{ commonName: '1234567890 or so' }, [{ from: 'CN', matches: '\\d{10}', pairs }], []],
  [{ commonName: 'x|1234567890' }, [{ from: 'CN', matches: 'a|\\d{10}', pairs }], []],
  // What is put into a template makes no other address of it.
  [{ commonName: 'nurse@corp.test/' }, [{ from: 'CN', matches: '.*', to: '{0}@corp.test' }], []],
  [{ commonName: 'nurse@elsewhere.test' }, [{ from: 'CN', matches: '.*', to: '{0}@corp.test' }], []],
  [{ commonName: 'nobody' }, [{ from: 'CN', matches: 'nobody(x)?', to: '{1}@corp.test' }], []],
  [{ commonName: 'x'.repeat(60) }, [{ from: 'CN', matches: '.*', to: '{0}@elsewhere.test' }], []],
]

for (const [carried, rules, addresses, rule] of FOUND)
  test(`${JSON.stringify(carried)} by ${rules.map(({ from }) => from).join()}: ${addresses.join(', ') || 'nobody'}`, async () => {
    assert.deepEqual(holderOf([await card(carried)], rules, isOurs), { addresses, rule })
  })

test('a rule of one issuer finds nobody on a card of another, and the next rule is asked', async () => {
  const [leaf, ours, theirs] = [await card({ commonName: '7' }), await card({}), await card({ names: ['a.test'] })]
  const rules: readonly CardRule[] = [
    { from: 'CN', matches: '.*', to: 'staff{0}@corp.test', issuers: new Set([ours.fingerprint]) },
    { from: 'CN', matches: '.*', to: 'guest{0}@corp.test', issuers: new Set([theirs.fingerprint]) },
  ]
  assert.deepEqual(holderOf([leaf, ours], rules, isOurs), { addresses: ['staff7@corp.test'], rule: 1 })
  assert.deepEqual(holderOf([leaf, ours, theirs], rules, isOurs), { addresses: ['guest7@corp.test'], rule: 2 })
  assert.deepEqual(holderOf([leaf], rules, isOurs).addresses, [])
  assert.deepEqual(holderOf([], [{ from: 'xmppAddr' }], isOurs).addresses, [])
})

test('a field that is longer than any of a card is not looked at', async () => {
  const names = [`XMPP:${'x'.repeat(260)}@corp.test`, 'XMPP:juliet@corp.test']
  assert.deepEqual(holderOf([await card({ names })], NAMES, isOurs).addresses, ['juliet@corp.test'])
})

const CHOSEN: readonly (readonly [addresses: readonly string[], authzid: string | undefined, result: string])[] = [
  [['juliet@corp.test'], undefined, 'juliet@corp.test'],
  [['juliet@corp.test'], 'juliet@corp.test', 'juliet@corp.test'],
  [['juliet@corp.test'], 'JULIET@Corp.test', 'juliet@corp.test'],
  [['juliet@corp.test'], 'romeo@corp.test', 'SP-884'],
  [['juliet@corp.test'], 'juliet@corp.test/balcony', 'SP-884'],
  [['juliet@corp.test'], 'corp.test', 'SP-884'],
  [['juliet@corp.test'], '', 'SP-884'],
  [['a@corp.test', 'b@corp.test'], undefined, 'SP-883'],
  [['a@corp.test', 'b@corp.test'], 'b@corp.test', 'b@corp.test'],
  [['a@corp.test', 'b@corp.test'], 'c@corp.test', 'SP-884'],
  [[], undefined, 'SP-882'],
  [[], 'a@corp.test', 'SP-882'],
]

for (const [addresses, authzid, result] of CHOSEN)
  test(`of ${addresses.join() || 'nobody'}, who asks for ${authzid ?? 'nothing'} gets ${result}`, () => {
    const choice = chooseAddress({ addresses, rule: undefined }, authzid)
    assert.equal('address' in choice ? choice.address : choice.reason, result)
  })

test('whatever a card carries, it opens only what one of its names says, and nothing of others', async () => {
  const locals = ['juliet', 'Juliet', 'romeo', 'a b', "o'hara", '', 'é', 'x/y', 'a@b']
  const domains = ['corp.test', 'CORP.test', 'elsewhere.test', 'corp.test/x', 'sub.corp.test', '']
  const name = tuple(
    constantFrom('XMPP', 'UPN', 'EMAIL'),
    constantFrom(...locals.filter((local) => local !== 'é')),
    constantFrom(...domains),
  )
  let opened = 0
  await holds(
    asyncProperty(array(name, { maxLength: 3 }), constantFrom(...locals), async (carried, asked) => {
      const names = carried.map(([kind, local, domain]) => `${kind}:${local}@${domain}`)
      const { addresses } = holderOf([await card({ names })], NAMES, isOurs)
      const choice = chooseAddress({ addresses, rule: undefined }, `${asked}@corp.test`)
      if (!('address' in choice)) return
      opened += 1
      const said = carried.map(([, local, domain]) => `${local}@${domain}`.toLowerCase())
      assert.ok(said.includes(choice.address), `${names.join()} opened ${choice.address}`)
      assert.equal(choice.address, `${asked}@corp.test`.toLowerCase())
    }),
    { numRuns: 1000 },
  )
  assert.ok(opened >= 15, `only ${opened} got in`)
})

test('a file of pairs: what is no pair, and two addresses for one, are errors with their line', () => {
  const text = '1 a@corp.test\n2\n3 corp.test\n4 a@corp.test/x\n1 b@corp.test\n# 5 x\n6 a@corp.test\n1 A@corp.test\n'
  const { pairs: read, findings } = readPairs(text, 'pairs.txt')
  assert.deepEqual(
    findings.map(({ message }) => /^line (\d+): (not a pair|1 has another)/.exec(message)?.slice(1)),
    [
      ['2', 'not a pair'],
      ['3', 'not a pair'],
      ['4', 'not a pair'],
      ['5', '1 has another'],
    ],
  )
  assert.equal(read.get('6'), 'a@corp.test')
})

test('a pattern that is none is known as such, and how many groups it has', () => {
  assert.equal(patternFault('(\\d{10})@mil'), undefined)
  assert.match(patternFault('(\\d{10}') ?? '', /Unterminated group|Invalid/)
  assert.match(patternFault('a)(b') ?? '', /Unmatched|Invalid/)
  assert.equal(groupsIn('(a)(?:b)(c)'), 2)
})

test('the fields that can be asked for are those that are known', () => {
  assert.deepEqual([...CARD_FIELDS], [...Object.keys(ALT_NAMES), ...Object.keys(SUBJECT_FIELDS)])
})
