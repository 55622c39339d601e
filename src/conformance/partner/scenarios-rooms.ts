// The scenarios of rooms, I-24 to I-29: a room that our account makes at the partner, with users of ours in it, and one of ours,
// whose every word the scenario says, with our account in it. XEP-0045

import type { Pattern } from '../case.ts'
import { comes, errors, iq, passes, sets, setting, tells } from './making.ts'
import type { Scenario, Side, Step } from './scenario.ts'

const MUC = 'http://jabber.org/protocol/muc'
const OF_USER = `${MUC}#user`
const ADMIN = `${MUC}#admin`
const OWNER = `${MUC}#owner`
const JOINING = `<x xmlns='${MUC}'/>`

const occupant = (from: string, type: string | false, ...inside: readonly Pattern[]): Pattern => ({
  ...{ name: 'presence', attributes: { from, type } },
  has: [{ name: 'x', ns: OF_USER, has: inside }],
})
const item = (attributes: Readonly<Record<string, string>>): Pattern => ({ name: 'item', attributes })
const status = (code: number): Pattern => ({ name: 'status', attributes: { code: String(code) } })

const MAKE: readonly Step[] = [
  tells('theirs', `<presence to='{room}/host' id='{id}'>${JOINING}</presence>`),
  comes('theirs', occupant('{room}/host', false, item({ affiliation: 'owner' }), status(110))),
  // An instant room, XEP-0045 §10.1.2
  sets(`<query xmlns='${OWNER}'><x xmlns='jabber:x:data' type='submit'/></query>`, '{room}'),
]
const DESTRUCTION = `<query xmlns='${OWNER}'><destroy/></query>`
const DESTROY: Step = sets(DESTRUCTION, '{room}')
const AFTER = setting(DESTRUCTION, '{room}')

const enters = (who: string, nick: string): readonly Step[] => [
  tells('ours', `<presence from='${who}' to='{room}/${nick}' id='{id}'>${JOINING}</presence>`),
  comes('ours', occupant(`{room}/${nick}`, false, status(110))),
  comes('theirs', occupant(`{room}/${nick}`, false, item({}))),
]

/** Said in the room by one side, and heard by both. */
const said = (by: Side, nick: string, words: string): readonly Step[] => {
  const heard: Pattern = {
    ...{ name: 'message', attributes: { from: `{room}/${nick}`, type: 'groupchat' } },
    has: [{ name: 'body', text: words }],
  }
  const from = by === 'ours' ? " from='{ours}'" : ''
  return [
    tells(by, `<message${from} to='{room}' type='groupchat' id='{id}'><body>${words}</body></message>`),
    comes('ours', heard),
    comes('theirs', heard),
  ]
}

const changes = (by: Side, attributes: string): Step => {
  const payload = `<query xmlns='${ADMIN}'><item ${attributes}/></query>`
  if (by === 'theirs') return sets(payload, '{room}')
  return {
    says: iq(payload, '{room}', 'set').replace('{user}', '{ours}'),
    answers: [{ name: 'iq', attributes: { type: 'result', id: '{id}', from: '{room}' } }],
  }
}

/** Somebody's standing in the room becomes another, and it is told to those named. */
const becomes = (by: Side, attributes: string, nick: string, is: Readonly<Record<string, string>>): readonly Step[] => [
  changes(by, attributes),
  comes('ours', occupant(`{room}/${nick}`, false, item(is))),
]

/** A room of ours, which is on our side of the wall: its words are the scenario's. */
const ofOurs = (nick: string, inside: string, type = ''): string =>
  `<presence from='{ourRoom}/${nick}' to='{theirs}'${type}><x xmlns='${OF_USER}'>${inside}</x></presence>`
const ENTERS_OURS: readonly Step[] = [
  ...passes('theirs', `<presence to='{ourRoom}/guest' id='{id}'>${JOINING}</presence>`, {
    ...{ name: 'presence', attributes: { from: '{theirs}', to: '{ourRoom}/guest', type: false } },
    has: [{ name: 'x', ns: MUC }],
  }),
  ...passes(
    'ours',
    ofOurs('host', "<item affiliation='owner' role='moderator'/>"),
    occupant('{ourRoom}/host', false, item({ affiliation: 'owner', role: 'moderator' })),
  ),
  ...passes(
    'ours',
    ofOurs('guest', "<item affiliation='none' role='participant'/><status code='110'/>"),
    occupant('{ourRoom}/guest', false, item({ role: 'participant' }), status(110)),
  ),
]
const inOurs = (content: string, nick = '/host'): string =>
  `<message from='{ourRoom}${nick}' to='{theirs}' type='groupchat' id='{id}'>${content}</message>`

export const ROOMS: readonly Scenario[] = [
  {
    id: 'I-24',
    title: 'Rooms each way: join, history, subject, words, private words, another nick, leave',
    steps: [],
    after: AFTER,
    withRoom: [
      ...MAKE,
      tells('theirs', "<message to='{room}' type='groupchat' id='{id}'><subject>The plan</subject></message>"),
      comes('theirs', { ...{ name: 'message', attributes: { type: 'groupchat' } }, has: [{ name: 'subject' }] }),
      tells('theirs', "<message to='{room}' type='groupchat' id='{id}'><body>Before you came</body></message>"),
      comes('theirs', { ...{ name: 'message' }, has: [{ name: 'body', text: 'Before you came' }] }),
      ...enters('{ours}', 'visitor'),
      comes('ours', {
        ...{ name: 'message', attributes: { from: '{room}/host', type: 'groupchat' } },
        has: [
          { name: 'body', text: 'Before you came' },
          { name: 'delay', ns: 'urn:xmpp:delay' },
        ],
      }),
      comes('ours', { ...{ name: 'message' }, has: [{ name: 'subject', text: 'The plan' }] }),
      ...said('ours', 'visitor', 'Good day 👋'),
      ...said('theirs', 'host', 'Welcome'),
      ...passes(
        'ours',
        "<message from='{ours}' to='{room}/host' type='chat' id='{id}'><body>Between us</body></message>",
        {
          ...{ name: 'message', attributes: { from: '{room}/visitor', type: 'chat' } },
          has: [{ name: 'body', text: 'Between us' }],
        },
      ),
      ...passes('theirs', "<message to='{room}/visitor' type='chat' id='{id}'><body>Of course</body></message>", {
        ...{ name: 'message', attributes: { from: '{room}/host', type: 'chat' } },
        has: [{ name: 'body', text: 'Of course' }],
      }),
      tells('ours', "<presence from='{ours}' to='{room}/stranger' id='{id}'/>"),
      comes('ours', occupant('{room}/visitor', 'unavailable', item({ nick: 'stranger' }), status(303))),
      comes('theirs', occupant('{room}/stranger', false, item({}))),
      tells('ours', "<presence from='{ours}' to='{room}/stranger' type='unavailable'/>"),
      comes('ours', occupant('{room}/stranger', 'unavailable', status(110))),
      comes('theirs', occupant('{room}/stranger', 'unavailable', item({}))),
      DESTROY,
      ...ENTERS_OURS,
      ...passes('ours', inOurs('<subject>Our plan</subject>'), {
        ...{ name: 'message', attributes: { from: '{ourRoom}/host', type: 'groupchat' } },
        has: [{ name: 'subject', text: 'Our plan' }],
      }),
      ...passes('theirs', "<message to='{ourRoom}' type='groupchat' id='{id}'><body>Good day</body></message>", {
        ...{ name: 'message', attributes: { from: '{theirs}', to: '{ourRoom}', type: 'groupchat' } },
        has: [{ name: 'body', text: 'Good day' }],
      }),
      ...passes('ours', inOurs('<body>Welcome</body>'), {
        ...{ name: 'message', attributes: { from: '{ourRoom}/host', type: 'groupchat' } },
        has: [{ name: 'body', text: 'Welcome' }],
      }),
      ...passes('theirs', "<message to='{ourRoom}/host' type='chat' id='{id}'><body>Psst</body></message>", {
        ...{ name: 'message', attributes: { from: '{theirs}', to: '{ourRoom}/host', type: 'chat' } },
        has: [{ name: 'body', text: 'Psst' }],
      }),
      ...passes('theirs', "<presence to='{ourRoom}/guest' type='unavailable'/>", {
        ...{ name: 'presence', attributes: { from: '{theirs}', to: '{ourRoom}/guest', type: 'unavailable' } },
      }),
    ],
  },
  {
    id: 'I-25',
    title: 'Roles in rooms each way: visitor, participant, moderator',
    steps: [],
    after: AFTER,
    withRoom: [
      ...MAKE,
      ...enters('{ours}', 'visitor'),
      ...enters('{guest}', 'second'),
      ...becomes('theirs', "nick='visitor' role='visitor'", 'visitor', { role: 'visitor' }),
      {
        by: 'ours',
        tells: "<message from='{ours}' to='{room}' type='groupchat' id='{id}'><body>No voice</body></message>",
      },
      comes('ours', ...errors('message', '{room}', 'forbidden', 'not-allowed')),
      ...becomes('theirs', "nick='visitor' role='participant'", 'visitor', { role: 'participant' }),
      ...said('ours', 'visitor', 'A voice'),
      ...becomes('theirs', "nick='visitor' role='moderator'", 'visitor', { role: 'moderator' }),
      ...becomes('ours', "nick='second' role='visitor'", 'second', { role: 'visitor' }),
      comes('theirs', occupant('{room}/second', false, item({ role: 'visitor' }))),
      DESTROY,
      ...ENTERS_OURS,
      ...['visitor', 'participant', 'moderator'].flatMap((role) =>
        passes(
          'ours',
          ofOurs('guest', `<item affiliation='none' role='${role}'/><status code='110'/>`),
          occupant('{ourRoom}/guest', false, item({ role }), status(110)),
        ),
      ),
      ...passes(
        'theirs',
        `<iq type='set' to='{ourRoom}' id='{id}'><query xmlns='${ADMIN}'><item nick='host' role='visitor'/></query></iq>`,
        {
          ...{ name: 'iq', attributes: { from: '{theirs}', to: '{ourRoom}', type: 'set', id: '{id}' } },
          has: [{ name: 'query', ns: ADMIN, has: [item({ nick: 'host', role: 'visitor' })] }],
        },
      ),
      ...passes('ours', "<iq type='result' from='{ourRoom}' to='{theirs}' id='{asked}'/>", {
        ...{ name: 'iq', attributes: { from: '{ourRoom}', type: 'result', id: '{asked}' } },
      }),
    ],
  },
  {
    id: 'I-26',
    title: 'Affiliations in rooms each way: member, admin, owner, none',
    steps: [],
    after: AFTER,
    withRoom: [
      ...MAKE,
      ...enters('{ours}', 'visitor'),
      ...['member', 'admin', 'owner', 'none', 'admin'].flatMap((affiliation) =>
        becomes('theirs', `jid='{ourBare}' affiliation='${affiliation}'`, 'visitor', { affiliation }),
      ),
      {
        says: iq(`<query xmlns='${ADMIN}'><item affiliation='admin'/></query>`, '{room}').replace('{user}', '{ours}'),
        answers: [
          {
            ...{ name: 'iq', attributes: { type: 'result', id: '{id}', from: '{room}' } },
            has: [{ name: 'query', ns: ADMIN, has: [item({ jid: '{ourBare}', affiliation: 'admin' })] }],
          },
        ],
      },
      DESTROY,
      ...ENTERS_OURS,
      ...['member', 'admin', 'owner'].flatMap((affiliation) =>
        passes(
          'ours',
          ofOurs('guest', `<item affiliation='${affiliation}' role='moderator'/><status code='110'/>`),
          occupant('{ourRoom}/guest', false, item({ affiliation })),
        ),
      ),
    ],
  },
  {
    id: 'I-27',
    title: 'Invitations to rooms each way, direct and by the room',
    steps: [],
    after: AFTER,
    withRoom: [
      ...MAKE,
      ...passes(
        'theirs',
        `<message to='{room}' id='{id}'><x xmlns='${OF_USER}'><invite to='{ourBare}'><reason>Come in</reason></invite></x></message>`,
        {
          ...{ name: 'message', attributes: { from: '{room}', to: '{ourBare}' } },
          has: [{ name: 'x', ns: OF_USER, has: [{ name: 'invite', attributes: { from: true } }] }],
        },
      ),
      ...passes(
        'theirs',
        "<message to='{ours}' id='{id}'><x xmlns='jabber:x:conference' jid='{room}' reason='Come in'/></message>",
        {
          ...{ name: 'message', attributes: { from: '{theirs}', id: '{id}' } },
          has: [{ name: 'x', ns: 'jabber:x:conference', attributes: { jid: '{room}' } }],
        },
      ),
      ...enters('{ours}', 'visitor'),
      ...becomes('theirs', "jid='{ourBare}' affiliation='admin'", 'visitor', { affiliation: 'admin' }),
      tells(
        'ours',
        `<message from='{ours}' to='{room}' id='{id}'><x xmlns='${OF_USER}'><invite to='{guest}'/></x></message>`,
      ),
      comes('ours', {
        ...{ name: 'message', attributes: { from: '{room}', to: '{guest}' } },
        has: [{ name: 'x', ns: OF_USER, has: [{ name: 'invite' }] }],
      }),
      DESTROY,
      ...passes(
        'ours',
        `<message from='{ourRoom}' to='{theirs}' id='{id}'><x xmlns='${OF_USER}'><invite from='{ourBare}'/></x></message>`,
        {
          ...{ name: 'message', attributes: { from: '{ourRoom}', id: '{id}' } },
          has: [{ name: 'x', ns: OF_USER, has: [{ name: 'invite', attributes: { from: '{ourBare}' } }] }],
        },
      ),
      ...passes(
        'ours',
        "<message from='{ours}' to='{theirs}' id='{id}'><x xmlns='jabber:x:conference' jid='{ourRoom}'/></message>",
        {
          ...{ name: 'message', attributes: { from: '{ours}', id: '{id}' } },
          has: [{ name: 'x', ns: 'jabber:x:conference', attributes: { jid: '{ourRoom}' } }],
        },
      ),
    ],
  },
  {
    id: 'I-28',
    title: 'Kicked, banned, the room destroyed, each way',
    steps: [],
    after: AFTER,
    withRoom: [
      ...MAKE,
      ...enters('{ours}', 'visitor'),
      changes('theirs', "nick='visitor' role='none'"),
      comes('ours', occupant('{room}/visitor', 'unavailable', status(307))),
      ...enters('{ours}', 'visitor'),
      changes('theirs', "jid='{ourBare}' affiliation='outcast'"),
      comes('ours', occupant('{room}/visitor', 'unavailable', item({ affiliation: 'outcast' }), status(301))),
      tells('ours', `<presence from='{ours}' to='{room}/visitor' id='{id}'>${JOINING}</presence>`),
      comes('ours', {
        ...{ name: 'presence', attributes: { from: '{room}/visitor', type: 'error' } },
        has: [{ name: 'error', has: [{ name: 'forbidden' }] }],
      }),
      changes('theirs', "jid='{ourBare}' affiliation='none'"),
      ...enters('{ours}', 'visitor'),
      DESTROY,
      comes('ours', occupant('{room}/visitor', 'unavailable', { name: 'destroy' })),
      ...(
        [
          ["<item affiliation='none' role='none'/><status code='307'/><status code='110'/>", status(307)],
          ["<item affiliation='outcast' role='none'/><status code='301'/><status code='110'/>", status(301)],
          ["<item affiliation='none' role='none'/><destroy/>", { name: 'destroy' }],
        ] as const
      ).flatMap(([inside, seen]) => [
        ...ENTERS_OURS,
        ...passes(
          'ours',
          ofOurs('guest', inside, " type='unavailable'"),
          occupant('{ourRoom}/guest', 'unavailable', seen),
        ),
      ]),
    ],
  },
  {
    id: 'I-29',
    title: 'A room whose link is lost: its people leave',
    steps: [],
    after: AFTER,
    withRoom: [
      ...MAKE,
      ...enters('{ours}', 'visitor'),
      { blocked: iq("<ping xmlns='urn:xmpp:ping'/>") },
      comes('ours', { name: 'presence', attributes: { from: '{room}/host', type: 'unavailable' } }),
    ],
    without:
      'A link that is cut from outside (here policy ends it), and coming again, as a partner that was turned away may keep away for minutes.',
  },
]
