// The gateway in front of Debian's ejabberd, by the lines that `quickstart` prints, applied to Debian's own files. The
// core's certificate is self-signed, and the inner address is chosen by the operator.

import { ejabberdNode } from '../support/ejabberd.ts'
import { Machine } from '../support/machine.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { conferenceOf, OURS } from './places.ts'
import { testQuickstartComponent } from './quickstart-component.ts'
import { testQuickstart } from './quickstart.ts'
import type { StockServer } from './quickstart.ts'

const FILE = '/etc/ejabberd/ejabberd.yml'
const CERTIFICATE = '/etc/ejabberd/ejabberd.pem'
const STATE = ['/var/lib/ejabberd', '/var/log/ejabberd', '/run/ejabberd']

/** The file as Debian has it, with the operator's domain; listeners of the test are on one address. */
const made = (stock: string, address: string): string =>
  stock.replace(/^hosts:\n {2}- localhost$/m, `hosts:\n  - ${OURS}`).replaceAll('ip: "::"', `ip: "${address}"`)

const ejabberd: StockServer = {
  kind: 'ejabberd',
  certificate: () => issue({ names: [OURS, conferenceOf(OURS)] }),
  async install(t, { address, certificate }) {
    const machine = await Machine.make(t, { copies: ['/etc/ejabberd'], empty: STATE, owner: 'ejabberd' })
    await machine.write(FILE, made(await machine.read(FILE), address))
    await machine.write(CERTIFICATE, certificate.pem + certificate.keyPem)
    return machine
  },
  start(t, machine) {
    const node = ejabberdNode({
      data: '/var/lib/ejabberd',
      config: FILE,
      log: '/var/log/ejabberd/ejabberd.log',
      users: ['alice', 'bob'].map((user) => [user, OURS]),
    })
    return machine.start(t, 'ejabberd', {
      ...node,
      name: `ejabberd ${OURS}`,
      env: { ...node.env, ERL_INETRC: '/etc/ejabberd/inetrc' }, // As ejabberdctl does.
      cwd: '/',
      logFile: machine.path('console.log'),
      ready: /^harness: ready$/,
      signal: 'SIGKILL',
    })
  },
}

testQuickstart({
  name: "gateway in front of Debian's ejabberd, by the printed lines, with a partner of Prosody",
  number: 62,
  core: ejabberd,
  partner: prosody,
  words: ['--inner', '127.0.62.2'],
})

testQuickstartComponent("gateway as a component of Debian's ejabberd, by the printed lines", 64, ejabberd)
