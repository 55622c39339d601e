import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { readCertificate } from '../../../src/trust/certificate.ts'
import { findPath } from '../../../src/trust/path.ts'
import { opensslVerify } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../support/pki.ts'

type Row = readonly [
  constraints: { readonly permitted?: readonly string[]; readonly excluded?: readonly string[] },
  names: readonly string[],
  allowed: boolean,
  /** Why OpenSSL says otherwise. */
  unlikeOpenssl?: string,
]

const ROWS: readonly Row[] = [
  [{ permitted: ['partner.test'] }, ['partner.test'], true],
  [{ permitted: ['partner.test'] }, ['im.partner.test', 'PARTNER.test'], true],
  [{ permitted: ['partner.test'] }, ['partner.test', 'other.test'], false],
  [{ permitted: ['partner.test'] }, ['xpartner.test'], false],
  [{ permitted: ['partner.test', 'other.test'] }, ['other.test'], true],
  [{ permitted: ['.partner.test'] }, ['im.partner.test'], true],
  [{ permitted: ['.partner.test'] }, ['partner.test'], false],
  [{ permitted: ['partner.test'] }, ['*.partner.test'], true],
  [{ permitted: ['im.partner.test'] }, ['*.partner.test'], false],
  [{ permitted: ['DNS:'] }, ['other.test'], true],
  [{ excluded: ['corp.test'] }, ['partner.test'], true],
  [{ excluded: ['corp.test'] }, ['corp.test'], false],
  [{ excluded: ['corp.test'] }, ['partner.test', 'im.corp.test'], false],
  [{ excluded: ['.corp.test'] }, ['corp.test'], false, 'a leading dot excludes the name itself too'],
  [{ excluded: ['DNS:'] }, ['partner.test'], false],
  [{ excluded: ['corp.my.test'] }, ['*.my.test'], false, 'a wildcard is excluded when a name it covers is'],
  [{ permitted: ['test'], excluded: ['corp.test'] }, ['corp.test'], false],
  [{ permitted: ['partner.test'] }, ['partner.test', 'SRV:_xmpp-server.partner.test'], true],
  [
    { permitted: ['partner.test'] },
    ['partner.test', 'SRV:_xmpp-server.corp.test'],
    false,
    'DNS constraints hold for SRV names',
  ],
  [
    { permitted: ['partner.test'] },
    ['partner.test', 'XMPP:corp.test'],
    false,
    'DNS constraints hold for XMPP addresses',
  ],
  [{ excluded: ['corp.test'] }, ['XMPP:corp.test'], false, 'DNS constraints hold for XMPP addresses'],
  [{ excluded: ['XMPP:corp.test'] }, ['partner.test'], true],
  [{ excluded: ['XMPP:corp.test'] }, ['partner.test', 'XMPP:partner.test'], false],
  [{ excluded: ['SRV:_xmpp-server.corp.test'] }, ['partner.test', 'SRV:_xmpp-server.partner.test'], false],
  [{ permitted: ['IP:c0000200ffffff00'] }, ['192.0.2.77'], true],
  [{ permitted: ['IP:c0000200ffffff00'] }, ['192.0.3.1'], false],
  [{ permitted: ['IP:c0000200ffffff00'] }, ['2001:db8::1'], false],
  [{ excluded: ['IP:c0000200ffffff00'] }, ['192.0.2.77'], false],
  [{ excluded: ['IP:c0000200ffffff00'] }, ['192.0.3.1', 'partner.test'], true],
  [{ permitted: ['EMAIL:partner.test'] }, ['EMAIL:x@partner.test'], true],
  [{ permitted: ['EMAIL:partner.test'] }, ['EMAIL:x@im.partner.test'], false],
  [{ permitted: ['EMAIL:.partner.test'] }, ['EMAIL:x@im.partner.test'], true],
  [{ excluded: ['EMAIL:x@partner.test'] }, ['EMAIL:x@partner.test'], false],
  [{ excluded: ['EMAIL:x@partner.test'] }, ['EMAIL:y@partner.test'], true],
  [{ permitted: ['URI:partner.test'] }, ['URI:https://partner.test/x'], true],
  [{ permitted: ['URI:.partner.test'] }, ['URI:https://im.partner.test:1/x'], true],
  [{ permitted: ['URI:partner.test'] }, ['URI:https://other.test/x'], false],
  [{ permitted: ['URI:partner.test'] }, ['URI:urn:x:y'], false],
  [{ permitted: ['EMAIL:partner.test'] }, ['other.test'], true],
]

const verb = (allowed: boolean): string => (allowed ? 'may' : 'may not')

for (const [constraints, names, allowed] of ROWS)
  test(`a CA with ${JSON.stringify(constraints)} ${verb(allowed)} vouch for ${names.join(' and ')}`, async () => {
    const root = await makeCa()
    const leaf = await issue({ ca: await makeCa({ ca: root, ...constraints }), names })
    const [first, second] = leaf.chain.map(readCertificate)
    assert.ok(typeof first === 'object' && typeof second === 'object')
    const result = findPath([first, second], { anchors: anchorsOf([root.der], 'test'), now: Date.now() })
    assert.equal('path' in result ? 'allowed' : result.reason, allowed ? 'allowed' : 'SP-311')
  })

test('OpenSSL says the same, but for the rows that say why not', needsPeer('openssl'), async (t) => {
  const folder = await temporaryFolder(t)
  for (const [constraints, names, allowed, unlikeOpenssl] of ROWS) {
    const root = await makeCa()
    const leaf = await issue({ ca: await makeCa({ ca: root, ...constraints }), names })
    const said = await opensslVerify(folder, root.der, leaf.chain)
    const same = (said === 'OK') === allowed
    assert.equal(same, unlikeOpenssl === undefined, `${JSON.stringify(constraints)} ${names.join()}: ${said}`)
  }
})
