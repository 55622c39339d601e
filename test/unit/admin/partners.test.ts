import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import type * as z from 'zod'
import { ask, controlSocketPath } from '../../../src/admin/client.ts'
import { serveControl } from '../../../src/admin/control-socket.ts'
import { confirmCertificate } from '../../../src/admin/certificates.ts'
import { explain, recent, why } from '../../../src/admin/decisions.ts'
import type { Operation, OperationError } from '../../../src/admin/operation.ts'
import { OPERATIONS } from '../../../src/admin/operations.ts'
import {
  partnerAdd,
  partnerAllow,
  partnerBlock,
  partnerList,
  partnerRemove,
  partnerRetry,
  partnerSet,
  partnerShow,
  partnerSuspend,
} from '../../../src/admin/partners.ts'
import { reload } from '../../../src/admin/status.ts'
import { FakeControl, NOW, RECORD } from '../../support/fake-control.ts'
import { installation, partnerFile } from '../../support/installation.ts'

const PARTNERS = {
  'partner.example':
    '# our oldest partner\ndomain: partner.example\nstatus: allowed # since 2019\nalsoKnownAs: [rooms.partner.example]\n',
  'blocked.example': 'domain: blocked.example\nstatus: blocked\nreason: spam\n',
}

async function gateway(t: TestContext) {
  const directory = await installation(t, PARTNERS)
  const control = new FakeControl(directory)
  await control.reload()
  control.reloads = 0
  const socket = await serveControl({ control, directory, socketPath: controlSocketPath(directory), now: () => NOW })
  t.after(() => socket[Symbol.asyncDispose]())
  const call = <In extends z.ZodType, Out extends z.ZodType>(operation: Operation<In, Out>, input: z.input<In>) =>
    ask(directory, operation, input)
  const read = (domain: string) => readFile(partnerFile(directory, domain), 'utf8')
  return { directory, control, call, read }
}

const failsWith = (code: string, words: RegExp) => (error: OperationError) => {
  assert.equal(error.code, code)
  assert.match(error.message, words)
  assert.ok(error.act.length > 0)
  return true
}

test('every operation has a name of its own, says what it does and who may ask', () => {
  assert.equal(new Set(OPERATIONS.map(({ name }) => name)).size, OPERATIONS.length)
  for (const { name, about, role } of OPERATIONS) {
    assert.match(name, /^[a-z]+(?:\.[a-z]+)?$/)
    assert.match(about, /^[A-Z].*\.$/)
    assert.ok(['read', 'operate', 'administer'].includes(role))
  }
})

test('the list is the one in force, all of it or one status', async (t) => {
  const { call } = await gateway(t)
  const domains = async (input: z.input<typeof partnerList.input>) =>
    (await call(partnerList, input)).partners.map((p) => p.domain)
  assert.deepEqual(await domains({}), ['blocked.example', 'partner.example'])
  assert.deepEqual(await domains({ status: 'blocked' }), ['blocked.example'])
  await assert.rejects(call(partnerList, { status: 'alowed' }), failsWith('bad-input', /write allowed, blocked/))
})

test('showing a domain finds the entry it stands under and says what is admitted', async (t) => {
  const { call } = await gateway(t)
  const shown = await call(partnerShow, { domain: 'ROOMS.partner.example' })
  assert.equal(shown.partner.domain, 'partner.example')
  assert.deepEqual(shown.admits, {})
  const blocked = await call(partnerShow, { domain: 'blocked.example' })
  assert.equal(blocked.admits.inbound?.id, 'SP-102')
  await assert.rejects(
    call(partnerShow, { domain: 'nobody.example' }),
    failsWith('not-found', /not in the partner list/),
  )
  await assert.rejects(call(partnerShow, { domain: '../../etc/passwd' }), failsWith('bad-input', /no domain/))
})

test('allowing an unknown domain writes an entry that is in force when the answer comes', async (t) => {
  const { call, control, read } = await gateway(t)
  const change = await call(partnerAllow, {
    domain: 'New.Example.',
    fields: { owner: 'it@corp.example', purpose: 'Aurora' },
  })
  assert.equal(change.done, 'added')
  assert.equal(change.applied, 'running')
  assert.equal(change.partner?.status, 'allowed')
  assert.ok(control.reloads > 0)
  assert.equal(control.partners().find(({ domain }) => domain === 'new.example')?.owner, 'it@corp.example')
  assert.match(await read('new.example'), /^purpose: Aurora$/m)
})

test('blocking changes the status and nothing else of the file', async (t) => {
  const { call, read, control } = await gateway(t)
  const change = await call(partnerBlock, { domain: 'partner.example', fields: { reason: 'compromised' }, yes: true })
  assert.equal(change.done, 'changed')
  assert.equal(
    await read('partner.example'),
    `${PARTNERS['partner.example'].replace('status: allowed', 'status: blocked')}reason: compromised\n`,
  )
  assert.equal(control.partners().find(({ domain }) => domain === 'partner.example')?.status, 'blocked')
})

test('a change of status takes the reason for the former one away', async (t) => {
  const { call, read } = await gateway(t)
  await call(partnerAllow, { domain: 'blocked.example' })
  assert.equal(await read('blocked.example'), 'domain: blocked.example\nstatus: allowed\n')
})

test('what is so already is not written again', async (t) => {
  const { call } = await gateway(t)
  assert.equal((await call(partnerAllow, { domain: 'partner.example' })).done, 'unchanged')
})

test('retrying is for those in the list; allowing and setting retry too, also where nothing changes', async (t) => {
  const { call, control } = await gateway(t)
  assert.deepEqual(await call(partnerRetry, { domain: 'Rooms.Partner.example' }), {
    domain: 'rooms.partner.example',
    links: 3,
  })
  await assert.rejects(call(partnerRetry, { domain: 'nobody.example' }), failsWith('not-found', /not in the partner/))
  await assert.rejects(call(partnerRetry, { domain: 'a b' }), failsWith('bad-input', /no domain/))
  const { done } = await call(partnerAllow, { domain: 'partner.example' })
  assert.equal(done, 'unchanged')
  await call(partnerSet, { domain: 'partner.example', fields: { owner: 'somebody' } })
  await call(partnerBlock, { domain: 'blocked.example' })
  assert.deepEqual(control.retried, ['rooms.partner.example', 'partner.example', 'partner.example'])
})

test('a partner is suspended, set and removed only where there is one', async (t) => {
  const { call, control } = await gateway(t)
  for (const doing of [
    call(partnerSuspend, { domain: 'nobody.example' }),
    call(partnerSet, { domain: 'nobody.example', status: 'allowed' }),
    call(partnerRemove, { domain: 'nobody.example' }),
  ])
    await assert.rejects(doing, failsWith('not-found', /nobody\.example/))
  await assert.rejects(call(partnerAdd, { domain: 'partner.example' }), failsWith('conflict', /already/))
  assert.equal((await call(partnerSuspend, { domain: 'partner.example', yes: true })).partner?.status, 'suspended')
  assert.equal((await call(partnerRemove, { domain: 'partner.example', yes: true })).done, 'removed')
  assert.deepEqual(
    control.partners().map(({ domain }) => domain),
    ['blocked.example'],
  )
})

test('setting names what changes, and takes keys out again', async (t) => {
  const { call, read } = await gateway(t)
  await call(partnerSet, {
    domain: 'partner.example',
    fields: { expires: '2027-06-30', alsoKnownAs: ['*.labs.partner.example'] },
  })
  assert.match(await read('partner.example'), /\*\.labs\.partner\.example/)
  await call(partnerSet, { domain: 'partner.example', unset: ['expires', 'alsoKnownAs'] })
  assert.equal(
    await read('partner.example'),
    '# our oldest partner\ndomain: partner.example\nstatus: allowed # since 2019\n',
  )
  await assert.rejects(call(partnerSet, { domain: 'partner.example' }), failsWith('bad-input', /nothing to change/))
  await assert.rejects(
    call(partnerSet, { domain: 'partner.example', unset: ['domain'] }),
    failsWith('bad-input', /write one of/),
  )
})

test('a value that the file may not have is refused with its place, and the file stays', async (t) => {
  const { call, read } = await gateway(t)
  const doing = call(partnerSet, { domain: 'partner.example', fields: { expires: 'soon' } })
  await assert.rejects(doing, failsWith('bad-input', /expires: write a date as 2027-06-30/))
  assert.equal(await read('partner.example'), PARTNERS['partner.example'])
})

test('our own domain cannot become a partner', async (t) => {
  const { call, directory } = await gateway(t)
  await assert.rejects(call(partnerAllow, { domain: 'corp.example' }), failsWith('bad-input', /one of our own domains/))
  await assert.rejects(readFile(partnerFile(directory, 'corp.example')), /ENOENT/)
})

test('a domain under another entry is not given a second one', async (t) => {
  const { call } = await gateway(t)
  await assert.rejects(
    call(partnerAllow, { domain: 'rooms.partner.example' }),
    failsWith('conflict', /stands under the entry of partner\.example/),
  )
})

test('a name of another entry can be blocked, and shows which entry decides', async (t) => {
  const { call } = await gateway(t)
  const { done, notes } = await call(partnerBlock, { domain: 'rooms.partner.example' })
  assert.equal(done, 'added')
  assert.match(notes.join(), /^$/)
  const shown = await call(partnerShow, { domain: 'rooms.partner.example' })
  assert.deepEqual([shown.partner.domain, shown.matched], ['rooms.partner.example', 'rooms.partner.example'])
  await assert.rejects(
    call(partnerAllow, { domain: 'rooms.partner.example' }),
    failsWith(
      'bad-input',
      /already belongs to .*rooms\.partner\.example\.yaml|already belongs to .*partner\.example\.yaml/,
    ),
  )
})

test('showing and explaining name the wildcard that took a domain in', async (t) => {
  const { call } = await gateway(t)
  await call(partnerSet, { domain: 'partner.example', fields: { alsoKnownAs: ['*.labs.partner.example'] } })
  const shown = await call(partnerShow, { domain: 'x.labs.partner.example' })
  assert.deepEqual([shown.partner.domain, shown.matched], ['partner.example', '*.labs.partner.example'])
  const inbound = await call(explain, { from: 'bob@x.labs.partner.example', to: 'alice@corp.example' })
  assert.deepEqual(inbound.entry, { domain: 'partner.example', matched: '*.labs.partner.example' })
  const outbound = await call(explain, { from: 'alice@corp.example', to: 'bob@nobody.example' })
  assert.equal(outbound.entry, undefined)
})

test('what is told about an entry is kept as it was said', async (t) => {
  const { call, read } = await gateway(t)
  const fields = { tags: ['aurora'], review: '2027-01-31', notes: 'Ask Anna.\nTwice.' }
  const { partner } = await call(partnerSet, { domain: 'partner.example', fields })
  assert.deepEqual([partner?.tags, partner?.review, partner?.notes], [fields.tags, fields.review, fields.notes])
  await call(partnerSet, { domain: 'partner.example', unset: ['tags', 'review', 'notes'] })
  assert.equal(await read('partner.example'), PARTNERS['partner.example'])
})

test('allowing an entry that has ended says so', async (t) => {
  const { call } = await gateway(t)
  const { notes } = await call(partnerAllow, {
    domain: 'partner.example',
    fields: { expires: '2025-01-01' },
    yes: true,
  })
  assert.match(notes.join(), /ended on 2025-01-01/)
})

test('a faulty file of the partner does not keep it from being blocked or removed', async (t) => {
  const { call, directory } = await gateway(t)
  await writeFile(partnerFile(directory, 'partner.example'), 'domain: partner.example\nstatus: alowed\n')
  const change = await call(partnerBlock, { domain: 'partner.example', yes: true })
  assert.equal(change.done, 'changed')
  assert.equal(change.partner?.status, 'blocked')
})

test('a change that the gateway does not go by is not called in force', async (t) => {
  const { call, directory } = await gateway(t)
  // This fake takes all files over or none, as the real one does where what they name is missing.
  await writeFile(partnerFile(directory, 'other.example'), 'domain: other.example\n')
  const change = await call(partnerBlock, { domain: 'partner.example', yes: true })
  assert.equal(change.applied, 'not')
  assert.match(change.findings.map(({ file }) => file).join(), /other\.example/)
  await rm(partnerFile(directory, 'other.example'))
  assert.equal((await call(reload, {})).applied, true)
})

test('changes that come at once are all made', async (t) => {
  const { call, control } = await gateway(t)
  const domains = Array.from({ length: 8 }, (_, number) => `p${number}.example`)
  await Promise.all(domains.map((domain) => call(partnerAllow, { domain })))
  assert.deepEqual(
    control.partners().map(({ domain }) => domain),
    ['blocked.example', ...domains, 'partner.example'],
  )
})

test('why tells the record with the words of the catalogue, however the reference was typed', async (t) => {
  const { call } = await gateway(t)
  const answer = await call(why, { reference: '7F3K 9Q2M XO4D' })
  assert.equal(answer.record.reference, RECORD.reference)
  assert.equal(answer.reason?.name, 'partner-blocked')
  assert.equal(answer.partner?.status, 'blocked')
  await assert.rejects(call(why, { reference: '0000-0000-0000' }), failsWith('not-found', /no record/))
  await assert.rejects(call(why, { reference: 'why not' }), failsWith('bad-input', /is no reference/))
})

test('why tells what to do at the core where the core is the peer, and at the partner elsewhere', async (t) => {
  const { control, call } = await gateway(t)
  const atLeg = (leg: string) => {
    control.records = [{ ...RECORD, event: 'stream', verdict: 'fail', reason: 'SP-306', facts: { leg } }]
    return call(why, { reference: RECORD.reference! })
  }
  const { reason: atCore } = await atLeg('core')
  assert.equal(atCore?.side, 'core')
  assert.match(atCore.act, /core\.trust/)
  const { reason: atPartner } = await atLeg('partner')
  assert.equal(atPartner?.side, 'theirs')
  assert.match(atPartner.act, /Ask the partner/)
})

test('why follows a bounced stanza to the failure of its link', async (t) => {
  const { call, control } = await gateway(t)
  control.records = [
    { ...RECORD, reason: 'SP-201', cause: '1111-1111-1111' },
    { ...RECORD, reference: '1111-1111-1111', event: 'stream', verdict: 'fail', reason: 'SP-201' },
  ]
  const { cause } = await call(why, { reference: RECORD.reference! })
  assert.equal(cause?.record.verdict, 'fail')
  assert.equal(cause?.reason?.id, 'SP-201')
})

test('recent records can be asked for by domain or by an address of it', async (t) => {
  const { call } = await gateway(t)
  assert.equal((await call(recent, {})).records.length, 1)
  assert.equal((await call(recent, { domain: 'mallory@blocked.example' })).records.length, 1)
  assert.equal((await call(recent, { domain: 'partner.example' })).records.length, 0)
  await assert.rejects(call(recent, { domain: 'not a domain' }), failsWith('bad-input', /is no domain/))
  await assert.rejects(call(recent, { limit: 100_000 }), failsWith('bad-input', /limit/))
})

test('explain shows every rule that was asked, and which one decided', async (t) => {
  const { call } = await gateway(t)
  const refused = await call(explain, { from: 'alice@corp.example', to: 'm@blocked.example' })
  assert.equal(refused.verdict, 'refuse')
  assert.equal(refused.reason?.id, 'SP-102')
  assert.equal(refused.condition, 'not-allowed')
  assert.equal(refused.trail.at(-1)?.rule, refused.rule)
  const fine = await call(explain, { from: 'alice@corp.example', to: 'bob@partner.example', stanza: '<presence/>' })
  assert.equal(fine.verdict, 'pass')
  assert.ok(fine.trail.every(({ finding }) => finding === undefined))
  for (const stanza of ['<x/>', '<message>', 'hello', '<!DOCTYPE a><message/>'])
    await assert.rejects(
      call(explain, { from: 'a@corp.example', to: 'b@partner.example', stanza }),
      failsWith('bad-input', /cannot be judged/),
    )
  await assert.rejects(call(explain, { from: 'a@@', to: 'b@partner.example' }), failsWith('bad-input', /is no address/))
})

test('a decision about keys is for partners and for keys, and tells what may surprise', async (t) => {
  const { control, call } = await gateway(t)
  const pins = ['sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=']
  await assert.rejects(call(confirmCertificate, { domain: 'nobody.example', pins }), failsWith('not-found', /not in/))
  await assert.rejects(
    call(confirmCertificate, { domain: 'partner.example', pins: ['x'] }),
    failsWith('bad-input', /no key/),
  )
  await assert.rejects(
    call(confirmCertificate, { domain: 'partner.example', pins: [] }),
    failsWith('bad-input', /name a key/),
  )
  const at = 'rooms.partner.example'
  assert.deepEqual((await call(confirmCertificate, { domain: at, pins, by: 'me' })).notes, [])
  assert.deepEqual(control.decisions, [{ domain: at, pins, say: 'confirm', by: 'me' }])
  assert.deepEqual(control.retried, [at])
  const other = 'sha256/Cb1ddP0S9PXyQ1FtcvQFV+XEfWPS8xGPUOIVTXEzpqw='
  await call(partnerSet, { domain: 'partner.example', fields: { pins: [other] }, yes: true })
  const [note] = (await call(confirmCertificate, { domain: at, pins })).notes
  assert.match(note ?? '', /not among the pins of the entry/)
  const refused = await call(confirmCertificate, { domain: at, pins: [other], say: 'refuse' })
  assert.match(refused.notes[0] ?? '', /still stands among the pins/)
  await call(partnerSet, {
    domain: 'partner.example',
    fields: { authentication: 'dialback-over-tls' },
    unset: ['pins'],
  })
  const dialback = await call(confirmCertificate, { domain: at, pins, say: 'refuse' })
  assert.match(dialback.notes[0] ?? '', /by dialback all the same/)
})
