import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRosters } from '../../../src/gateway/roster-file.ts'

/** As ejabberd 23.01 writes it, on one line, with other data of the user around it. */
const EJABBERD = `<?xml version='1.0'?>
<server-data xmlns='urn:xmpp:pie:0'><host jid='corp.example'><user name='anna' password='secret'><query xmlns='jabber:iq:roster'><item subscription='both' jid='bob@public.example' name='Bob'><group>Friends</group></item><item jid='carol@public.example' subscription='none' ask='subscribe'/></query><offline-messages><message xmlns='jabber:client' from='x@y.example'><query xmlns='jabber:iq:roster'><item jid='injected@public.example' subscription='both'/></query></message></offline-messages></user><user name='ben'><query xmlns="jabber:iq:roster"><item jid='d&apos;arc@public.example' subscription='from'/></query></user></host><host jid='other.example'><user name='eve'><query xmlns='jabber:iq:roster'><item jid='x@public.example' subscription='to'/><item jid='gone@public.example' subscription='remove'/></query></user></host></server-data>
`

test('an export says who has whom in their roster, and what they show each other', () => {
  const read = readRosters(EJABBERD)
  assert.ok(!('fault' in read), JSON.stringify(read))
  assert.deepEqual(
    read.entries.map(({ user, contact, asked, approved }) => [user, contact, asked, approved]),
    [
      ['anna@corp.example', 'bob@public.example', true, true],
      ['anna@corp.example', 'carol@public.example', true, false],
      ['ben@corp.example', "d'arc@public.example", false, true],
      ['eve@other.example', 'x@public.example', true, false],
    ],
  )
  assert.deepEqual(read.parts, [])
})

test('further files that it is in are named', () => {
  const read = readRosters(
    `<server-data xmlns='urn:xmpp:pie:0' xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='corp.xml'/></server-data>`,
  )
  assert.deepEqual(read, { entries: [], parts: ['corp.xml'] })
})

test('what is no export says why', async (t) => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['', /not complete/],
    ['{"anna": []}', /./],
    ["<roster xmlns='urn:x'/>", /<roster\/> is no export/],
    ["<server-data xmlns='urn:xmpp:pie:0'><host>", /not complete/],
    ["<server-data xmlns='urn:xmpp:pie:0'></host>", /./],
    ["<!DOCTYPE x><server-data xmlns='urn:xmpp:pie:0'/>", /./],
    ["<server-data xmlns='urn:xmpp:pie:0'/><server-data xmlns='urn:xmpp:pie:0'/>", /not one element/],
  ]
  for (const [text, fault] of table)
    await t.test(text, () => {
      const read = readRosters(text)
      assert.ok('fault' in read, JSON.stringify(read))
      assert.match(read.fault, fault)
    })
})
