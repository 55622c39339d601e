// Which way a stanza goes out: by a link of its own, by a connection of a component, or by none. The links are marks.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Components } from '../../../src/gateway/components.ts'
import type { House } from '../../../src/gateway/house.ts'
import type { Links } from '../../../src/gateway/links/links.ts'
import { Ways } from '../../../src/gateway/ways.ts'

interface Scene {
  /** How the core knows us as its component; undefined: as a server. */
  readonly component?: 'one' | 'per-domain'
  /** The names that stand in the partner list by themselves. */
  readonly names?: readonly string[]
  /** Is there room for another link? */
  readonly room?: boolean
}

function ways({ component, names = [], room = true }: Scene): Ways {
  const links = { size: 7, get: (...of: readonly string[]) => (room ? `link ${of.join(' ')}` : undefined) }
  const components = {
    find: (name: string) => (component === 'one' ? 'the connection' : names.find((one) => one === name)),
  }
  const house = {
    settings: { core: { component: component && { connections: component } } },
    componentNames: new Set(names),
  }
  return new Ways(
    links as unknown as Links,
    components as unknown as Components,
    () => house as unknown as House,
    () => {},
  )
}

const WAYS = [
  { what: 'to a partner, by a link', of: {}, leg: 'partner', way: 'link partner a.example b.example' },
  { what: 'to a core that is a server, by a link', of: {}, leg: 'core', way: 'link core a.example b.example' },
  {
    what: 'to a partner, whatever the core is',
    of: { component: 'one' },
    leg: 'partner',
    way: 'link partner a.example b.example',
  },
  {
    what: 'as the component of that name',
    of: { component: 'per-domain', names: ['a.example'] },
    leg: 'core',
    way: 'a.example',
  },
  {
    what: 'by the connection for all names',
    of: { component: 'one', names: ['a.example'] },
    leg: 'core',
    way: 'the connection',
  },
] as const

for (const { what, of, leg, way } of WAYS) {
  test(`a stanza goes ${what}`, () => equal(ways(of).onward(leg, 'a.example', 'b.example'), way))
}

test('a name that is covered by a pattern alone is no component: nothing new goes in under it', () => {
  for (const component of ['one', 'per-domain'] as const) {
    deepEqual(ways({ component, names: ['b.example'] }).onward('core', 'x.b.example', 'corp.example'), {
      reason: 'SP-136',
      detail: 'x.b.example stands in no partner entry by itself',
    })
  }
})

test('an answer under such a name goes in where one connection is for all, and nowhere else', () => {
  equal(ways({ component: 'one' }).back('core', 'x.b.example', 'corp.example'), 'the connection')
  equal(ways({ component: 'per-domain' }).back('core', 'x.b.example', 'corp.example'), undefined)
})

test('where no link can be made there is no way, and it is said why', () => {
  deepEqual(ways({ room: false }).onward('partner', 'a.example', 'b.example'), {
    reason: 'SP-622',
    detail: '7 links are in use',
  })
})
