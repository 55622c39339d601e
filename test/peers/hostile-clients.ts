// Every golden file of `test/cases/hostile/clients`, sent to the gateway by a client: before TLS, before its log-in, and as
// a user who may be there.

import assert from 'node:assert/strict'
import { Dialog } from '../support/dialog.ts'
import { hostileClients, type ClientPhase } from '../support/hostile.ts'
import { clientHeader, RawClient, STARTTLS, type RawLogin } from '../support/raw-client.ts'

/** A client that has behaved until then. */
async function reach(phase: ClientPhase, o: RawLogin): Promise<Dialog> {
  if (phase === 'plain') return Dialog.open({ host: o.host, port: 5222 })
  if (phase === 'tls') {
    const dialog = await Dialog.open({ host: o.host, port: 5222 })
    await dialog.say(clientHeader(o.domain)).expect(/<starttls.*<\/stream:features>/s)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ servername: o.domain })
    return dialog
  }
  const client = await RawClient.login(o)
  if (phase === 'logged-in') return client.dialog
  await client.bind('hostile')
  if (phase === 'counting') await client.enable()
  return client.dialog
}

/** Sends each, and holds what the client hears against what it is to hear. */
export async function testHostileClients(o: RawLogin): Promise<void> {
  const cases = hostileClients(o.domain)
  assert.ok(cases.length > 30)
  const otherwise: string[] = []
  for (const { name, phase, condition, bytes } of cases) {
    const dialog = await reach(phase, o)
    dialog.say(bytes)
    const [kind, of = ''] = condition.split(':')
    const expected =
      kind === 'stanza'
        ? new RegExp(`type='error'.*<${of} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>`, 's')
        : kind === 'sasl'
          ? new RegExp(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><${of}/></failure>`)
          : new RegExp(`<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>`)
    try {
      await dialog.expect(expected)
      if (kind === condition) await dialog.end()
    } catch {
      otherwise.push(`${name}, ${condition}: ${dialog.heard}`)
    }
    await dialog[Symbol.asyncDispose]()
  }
  assert.deepEqual(otherwise, [])
}
