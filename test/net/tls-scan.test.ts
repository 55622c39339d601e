// Scanners that know nothing of us look at what partners meet, under each profile, on both kinds of ports. Whatever they find
// beyond the profile is a finding; those that are known stand in `cases/tls-scan/allowed.json` with a reason, and one that
// no longer occurs has to go from there. `npm run tls-scan` does every check of testssl.sh.

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { compare, known } from '../scan/known.ts'
import { openPlace, PLACES } from '../scan/places.ts'
import { differences } from '../scan/scan.ts'
import { sslscan } from '../scan/sslscan.ts'
import { testssl } from '../scan/testssl.ts'
import { needsPeer } from '../support/peers.ts'

test('every known finding belongs to a scan that is made', async () => {
  const places = new Set(PLACES.map(({ name }) => name))
  for (const { where } of await known()) for (const place of where) assert.ok(places.has(place), place)
})

suite('a scan', { concurrency: 2, ...needsPeer('sslscan', 'testssl') }, () => {
  test('no vulnerability that has a name is found under the laxest profile', async (t) => {
    const [place] = PLACES
    assert.ok(place)
    const { findings } = await testssl(await openPlace(t, place), 'vulnerabilities')
    assert.deepEqual((await compare('testssl', place, findings)).fresh, [])
  })

  for (const place of PLACES)
    test(`${place.name} shows what the profile permits, and nothing that is not known`, async (t) => {
      const scan = await sslscan(await openPlace(t, place), place)
      const { fresh, gone } = await compare('sslscan', place, scan.findings)
      assert.deepEqual({ fresh, gone, differs: differences(scan, place) }, { fresh: [], gone: [], differs: [] })
    })
})
