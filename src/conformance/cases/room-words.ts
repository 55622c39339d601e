// The words of rooms and of who is in them, and exchanges between the two that are played both ways. XEP-0045

import type { Pattern, Step, TestCase } from '../case.ts'

export const MUC = 'http://jabber.org/protocol/muc'
export const USER = `${MUC}#user`
export const ADMIN = `${MUC}#admin`
export const OWNER = `${MUC}#owner`
export const DISCO = 'http://jabber.org/protocol/disco'

/** {v} is who comes from the other side, {r} the room. */
interface Said {
  readonly stanza: string
  readonly arrives: Pattern
}

interface Exchange {
  readonly visitor: string
  readonly room: string
}

/** In what is said and in what must arrive. */
function put(said: Said, { visitor, room }: Exchange): Said {
  const filled = (text: string): string => text.replaceAll('{v}', visitor).replaceAll('{r}', room)
  const deep = (pattern: Pattern): Pattern => ({
    ...pattern,
    ...(pattern.text !== undefined && { text: filled(pattern.text) }),
    ...(pattern.attributes && {
      attributes: Object.fromEntries(
        Object.entries(pattern.attributes).map(([key, is]) => [key, typeof is === 'string' ? filled(is) : is]),
      ),
    }),
    ...(pattern.has && { has: pattern.has.map(deep) }),
  })
  return { stanza: filled(said.stanza), arrives: deep(said.arrives) }
}

type Turn = { readonly visitor: Said } | { readonly room: readonly Said[] }

/** One of ours in a room of theirs, and one of theirs in a room of ours. */
export function bothWays(
  id: string,
  requirements: readonly string[],
  title: string,
  ...turns: readonly Turn[]
): TestCase[] {
  const theirs: Exchange = { visitor: '{user}/desk', room: 'aurora@{peer}' }
  const ours: Exchange = { visitor: '{contact}/desk', room: 'aurora@{us}' }
  const common = { requirements, role: 'receiving', phase: 'authenticated' } as const
  return [
    {
      ...{ ...common, id: `${id}/theirs`, title: `One of ours in a room of theirs: ${title}` },
      steps: turns.flatMap((turn): readonly Step[] => {
        if ('visitor' in turn) {
          const { stanza, arrives } = put(turn.visitor, theirs)
          return [{ coreSays: stanza }, { comesBack: arrives }]
        }
        const said = turn.room.map((one) => put(one, theirs))
        return [
          ...said.map(({ stanza }): Step => ({ say: stanza })),
          { inOrder: said.map(({ arrives }) => arrives), at: 'core' },
        ]
      }),
    },
    {
      ...{ ...common, id: `${id}/ours`, title: `One of theirs in a room of ours: ${title}`, with: 'rooms' },
      steps: turns.flatMap((turn): readonly Step[] => {
        if ('visitor' in turn) {
          const { stanza, arrives } = put(turn.visitor, ours)
          return [{ say: stanza }, { coreHears: arrives }]
        }
        const said = turn.room.map((one) => put(one, ours))
        return [
          ...said.map(({ stanza }): Step => ({ coreSays: stanza })),
          { inOrder: said.map(({ arrives }) => arrives), at: 'back' },
        ]
      }),
    },
  ]
}

export const visitor = (said: Said): Turn => ({ visitor: said })
export const room = (...all: readonly Said[]): Turn => ({ room: all })

export const join: Said = {
  stanza: `<presence from='{v}' to='{r}/Jürgen 7' id='{id}'><x xmlns='${MUC}'><password>secret</password></x></presence>`,
  arrives: {
    ...{ name: 'presence', attributes: { from: '{v}', to: '{r}/Jürgen 7', type: false } },
    has: [{ name: 'x', ns: MUC, has: [{ name: 'password', text: 'secret' }] }],
  },
}

interface Standing {
  readonly nick: string
  readonly affiliation: string
  readonly role: string
  readonly status?: readonly string[]
  readonly type?: 'unavailable'
  readonly newNick?: string
}

/** What the room says of an occupant. */
export function occupant({ nick, affiliation, role, status = [], type, newNick }: Standing): Said {
  const ofType = type === undefined ? '' : ` type='${type}'`
  const renamed = newNick === undefined ? '' : ` nick='${newNick}'`
  const codes = status.map((code) => `<status code='${code}'/>`).join('')
  const item = { affiliation, role, ...(newNick !== undefined && { nick: newNick }) }
  return {
    stanza: `<presence${ofType} from='{r}/${nick}' to='{v}'><x xmlns='${USER}'><item affiliation='${affiliation}' role='${role}'${renamed}/>${codes}</x></presence>`,
    arrives: {
      ...{ name: 'presence', attributes: { from: `{r}/${nick}`, to: '{v}', type: type ?? false } },
      has: [
        {
          ...{ name: 'x', ns: USER },
          has: [
            { name: 'item', attributes: item },
            ...status.map((code) => ({ name: 'status', attributes: { code } })),
          ],
        },
      ],
    },
  }
}

/** A message of the room, or to it. */
export const message = (
  from: string,
  to: string,
  type: string | undefined,
  inside: string,
  ...has: readonly Pattern[]
): Said => ({
  stanza: `<message${type === undefined ? '' : ` type='${type}'`} from='${from}' to='${to}'>${inside}</message>`,
  arrives: { name: 'message', attributes: { from, to, type: type ?? false }, has },
})

/** A question of the visitor, and its answer. */
export const asked = (type: 'get' | 'set', to: string, inside: string, has: Pattern, n = ''): Turn =>
  visitor({
    stanza: `<iq type='${type}' from='{v}' to='${to}' id='{id}-q${n}'>${inside}</iq>`,
    arrives: { name: 'iq', attributes: { type, from: '{v}', to, id: `{id}-q${n}` }, has: [has] },
  })
export const answered = (from: string, inside: string, has: readonly Pattern[], n = ''): Turn =>
  room({
    stanza: `<iq type='result' from='${from}' to='{v}' id='{id}-q${n}'>${inside}</iq>`,
    arrives: { name: 'iq', attributes: { type: 'result', from, to: '{v}', id: `{id}-q${n}` }, has },
  })

/** The visitor gives somebody a role or an affiliation, and the room does it. */
export const grants = (attributes: Readonly<Record<string, string>>, n: string): readonly Turn[] => {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}='${value}'`)
  return [
    asked(
      'set',
      '{r}',
      `<query xmlns='${ADMIN}'><item${written.join('')}/></query>`,
      { name: 'query', ns: ADMIN, has: [{ name: 'item', attributes }] },
      n,
    ),
    answered('{r}', '', [], n),
  ]
}

export const self = (affiliation: string, role: string, ...status: readonly string[]): Said =>
  occupant({ nick: 'Jürgen 7', affiliation, role, status: ['110', ...status] })
export const gone = (affiliation: string, code: string): Said =>
  occupant({ nick: 'Jürgen 7', affiliation, role: 'none', type: 'unavailable', status: [code, '110'] })

const FORM = 'jabber:x:data'
export const form = (type: string, of: string): string =>
  `<x xmlns='${FORM}' type='${type}'><field var='FORM_TYPE' type='hidden'><value>${of}</value></field><field var='muc#roomconfig_roomname'><value>Aurora &amp; more</value></field></x>`
export const formArrives = (type: string, of: string): Pattern => ({
  ...{ name: 'x', ns: FORM, attributes: { type } },
  has: [
    { name: 'field', attributes: { var: 'FORM_TYPE', type: 'hidden' }, has: [{ name: 'value', text: of }] },
    { name: 'field', has: [{ name: 'value', text: 'Aurora & more' }] },
  ],
})

export const joined: readonly Turn[] = [visitor(join), room(self('none', 'participant'))]
