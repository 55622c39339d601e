// Rooms (MUC): the gateway hosts none; users of ours are in rooms of a partner, and users of a partner in rooms of ours. Every
// exchange is played both ways, with what the room says in its order. XEP-0045, UC XMPP 2013 Errata-1

import type { TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { errorOf } from './making.ts'
import {
  ADMIN,
  answered,
  asked,
  bothWays,
  DISCO,
  form,
  formArrives,
  gone,
  grants,
  join,
  joined,
  message,
  MUC,
  occupant,
  OWNER,
  room,
  self,
  USER,
  visitor,
} from './room-words.ts'

const { STANZA_ERRORS } = NAMESPACES

const ROLES = ['visitor', 'participant', 'moderator', 'none'] as const
const AFFILIATIONS = ['member', 'admin', 'owner', 'none', 'outcast'] as const
/** Why nobody is let in: condition → type of the error. XEP-0045 §7.2 */
const REFUSALS = {
  'not-authorized': 'auth',
  'registration-required': 'auth',
  forbidden: 'auth',
  conflict: 'cancel',
  'service-unavailable': 'wait',
  'item-not-found': 'cancel',
  'not-allowed': 'cancel',
} as const

export const ROOM_CASES: readonly TestCase[] = [
  ...bothWays(
    'MUC-01/told',
    ['MUC-01'],
    'the room grants and takes each role, and who has it is told so.',
    ...joined,
    room(
      ...['visitor', 'participant', 'moderator'].map((role) => self('member', role)),
      self('member', 'participant'),
      self('member', 'visitor'),
    ),
  ),
  ...bothWays(
    'MUC-01/granted',
    ['MUC-01', 'MUC-10'],
    'a moderator from the other side grants and takes each role.',
    ...joined,
    ...ROLES.flatMap((role, n) => grants({ nick: 'Zoë', role }, `${n}`)),
  ),
  ...bothWays(
    'MUC-02/told',
    ['MUC-02'],
    'the room grants each affiliation, and takes the place of an outcast with status 301.',
    ...joined,
    room(
      ...['member', 'admin', 'owner', 'none'].map((affiliation) => self(affiliation, 'participant')),
      gone('outcast', '301'),
    ),
  ),
  ...bothWays(
    'MUC-02/granted',
    ['MUC-02', 'MUC-10'],
    'an owner from the other side grants each affiliation.',
    ...joined,
    ...AFFILIATIONS.flatMap((affiliation, n) => grants({ jid: 'zoe@third.example', affiliation }, `${n}`)),
  ),
  ...bothWays(
    'MUC-05/room',
    ['MUC-05'],
    'what a room is, with its form, and who is in it, is asked and told.',
    asked('get', '{r}', `<query xmlns='${DISCO}#info'/>`, { name: 'query', ns: `${DISCO}#info` }, '1'),
    answered(
      '{r}',
      `<query xmlns='${DISCO}#info'><identity category='conference' type='text' name='Aurora'/><feature var='${MUC}'/><feature var='muc_membersonly'/>${form('result', `${MUC}#roominfo`)}</query>`,
      [
        {
          ...{ name: 'query', ns: `${DISCO}#info` },
          has: [
            { name: 'identity', attributes: { category: 'conference', type: 'text', name: 'Aurora' } },
            { name: 'feature', attributes: { var: 'muc_membersonly' } },
            formArrives('result', `${MUC}#roominfo`),
          ],
        },
      ],
      '1',
    ),
    asked('get', '{r}', `<query xmlns='${DISCO}#items'/>`, { name: 'query', ns: `${DISCO}#items` }, '2'),
    answered(
      '{r}',
      `<query xmlns='${DISCO}#items'><item jid='{r}/Zoë'/></query>`,
      [{ name: 'query', has: [{ name: 'item', attributes: { jid: '{r}/Zoë' } }] }],
      '2',
    ),
  ),
  ...bothWays(
    'MUC-06/in-order',
    ['MUC-06'],
    'who enters is told who is there, then of themselves, then what was said, the subject, and what is said; and leaves.',
    visitor(join),
    room(
      occupant({ nick: 'Zoë', affiliation: 'owner', role: 'moderator' }),
      occupant({ nick: 'Ben', affiliation: 'member', role: 'participant' }),
      self('none', 'participant', '201'),
      message(
        ...(['{r}/Zoë', '{v}', 'groupchat'] as const),
        "<body>Before</body><delay xmlns='urn:xmpp:delay' from='{r}' stamp='2026-01-02T03:04:05Z'/>",
        ...[
          { name: 'body', text: 'Before' },
          { name: 'delay', attributes: { stamp: '2026-01-02T03:04:05Z' } },
        ],
      ),
      message('{r}/Zoë', '{v}', 'groupchat', '<subject>Plans</subject>', { name: 'subject', text: 'Plans' }),
      message('{r}/Ben', '{v}', 'groupchat', '<body>Now</body>', { name: 'body', text: 'Now' }),
    ),
    visitor({
      stanza: "<presence type='unavailable' from='{v}' to='{r}/Jürgen 7'/>",
      arrives: { name: 'presence', attributes: { type: 'unavailable', from: '{v}', to: '{r}/Jürgen 7' } },
    }),
    room(gone('none', '307')),
  ),
  ...Object.entries(REFUSALS).flatMap(([condition, type]) =>
    bothWays(
      `MUC-07/${condition}`,
      ['MUC-07'],
      `who is not let in is told ${condition}.`,
      visitor(join),
      room({
        stanza: `<presence type='error' from='{r}/Jürgen 7' to='{v}' id='{id}'><x xmlns='${MUC}'/><error by='{r}' type='${type}'><${condition} xmlns='${STANZA_ERRORS}'/></error></presence>`,
        arrives: {
          ...errorOf('presence', condition),
          has: [
            { name: 'error', attributes: { type, by: '{r}' }, has: [{ name: condition, ns: STANZA_ERRORS }] },
            { name: 'x', ns: MUC },
          ],
        },
      }),
    ),
  ),
  ...bothWays(
    'MUC-08/said',
    ['MUC-08'],
    'what is said to all comes back from the occupant, and what is said to one goes to them, by nicks as they are written.',
    ...joined,
    visitor(message('{v}', '{r}', 'groupchat', '<body>Hello all</body>', { name: 'body', text: 'Hello all' })),
    room(message('{r}/Jürgen 7', '{v}', 'groupchat', '<body>Hello all</body>', { name: 'body', text: 'Hello all' })),
    visitor(
      message('{v}', '{r}/Zoë \u{1F600}', 'chat', `<body>Psst</body><x xmlns='${USER}'/>`, { name: 'x', ns: USER }),
    ),
    room(message('{r}/Zoë \u{1F600}', '{v}', 'chat', '<body>Yes?</body>', { name: 'body', text: 'Yes?' })),
  ),
  ...bothWays(
    'MUC-09/changes',
    ['MUC-09'],
    'subjects, nicks (303) and states change.',
    ...joined,
    visitor(message('{v}', '{r}', 'groupchat', '<subject>New</subject>', { name: 'subject', text: 'New' })),
    visitor({
      stanza: "<presence from='{v}' to='{r}/J'><show>xa</show></presence>",
      arrives: { name: 'presence', attributes: { to: '{r}/J' }, has: [{ name: 'show', text: 'xa' }] },
    }),
    room(
      occupant({
        ...{ nick: 'Jürgen 7', affiliation: 'none', role: 'participant', type: 'unavailable' },
        ...{ newNick: 'J', status: ['303', '110'] },
      }),
      occupant({ nick: 'J', affiliation: 'none', role: 'participant', status: ['110'] }),
    ),
  ),
  ...bothWays(
    'MUC-09/invited',
    ['MUC-09'],
    'invitations by the room and from user to user cross, and so does the no to one.',
    room(
      message(
        ...(['{r}', '{v}', undefined] as const),
        `<x xmlns='${USER}'><invite from='zoe@third.example/desk'><reason>Come</reason></invite><password>secret</password></x>`,
        { name: 'x', ns: USER, has: [{ name: 'invite', has: [{ name: 'reason', text: 'Come' }] }] },
      ),
      message(
        ...(['{r}/Zoë', '{v}', undefined] as const),
        "<x xmlns='jabber:x:conference' jid='{r}' password='secret' reason='Come'/>",
        { name: 'x', ns: 'jabber:x:conference', attributes: { jid: '{r}', password: 'secret', reason: 'Come' } },
      ),
    ),
    visitor(
      message(
        ...(['{v}', '{r}', undefined] as const),
        `<x xmlns='${USER}'><decline to='zoe@third.example'><reason>Later</reason></decline></x>`,
        { name: 'x', ns: USER, has: [{ name: 'decline', has: [{ name: 'reason', text: 'Later' }] }] },
      ),
    ),
  ),
  ...bothWays(
    'MUC-09/asks',
    ['MUC-09'],
    'who wants a voice or to be registered asks for it.',
    ...joined,
    visitor(
      message('{v}', '{r}', undefined, form('submit', `${MUC}#request`), formArrives('submit', `${MUC}#request`)),
    ),
    asked('get', '{r}', "<query xmlns='jabber:iq:register'/>", { name: 'query', ns: 'jabber:iq:register' }),
    answered('{r}', `<query xmlns='jabber:iq:register'>${form('form', `${MUC}#register`)}</query>`, [
      { name: 'query', ns: 'jabber:iq:register', has: [formArrives('form', `${MUC}#register`)] },
    ]),
  ),
  ...bothWays('MUC-10/kicked', ['MUC-10'], 'who is kicked is told so (307).', ...joined, room(gone('none', '307'))),
  ...bothWays('MUC-10/banned', ['MUC-10'], 'who is banned is told so (301).', ...joined, room(gone('outcast', '301'))),
  ...bothWays(
    'MUC-10/owned',
    ['MUC-10', 'MUC-05'],
    'an owner from the other side creates (201), configures and destroys a room, and reads its lists.',
    visitor(join),
    room(self('owner', 'moderator', '201')),
    asked('get', '{r}', `<query xmlns='${OWNER}'/>`, { name: 'query', ns: OWNER }, '1'),
    answered(
      '{r}',
      `<query xmlns='${OWNER}'>${form('form', `${MUC}#roomconfig`)}</query>`,
      [{ name: 'query', ns: OWNER, has: [formArrives('form', `${MUC}#roomconfig`)] }],
      '1',
    ),
    asked(
      'set',
      '{r}',
      `<query xmlns='${OWNER}'>${form('submit', `${MUC}#roomconfig`)}</query>`,
      { name: 'query', ns: OWNER, has: [formArrives('submit', `${MUC}#roomconfig`)] },
      '2',
    ),
    answered('{r}', '', [], '2'),
    asked(
      'get',
      '{r}',
      `<query xmlns='${ADMIN}'><item affiliation='member'/></query>`,
      { name: 'query', ns: ADMIN, has: [{ name: 'item', attributes: { affiliation: 'member' } }] },
      '3',
    ),
    answered(
      '{r}',
      `<query xmlns='${ADMIN}'><item affiliation='member' jid='zoe@third.example'/></query>`,
      [{ name: 'query', has: [{ name: 'item', attributes: { jid: 'zoe@third.example' } }] }],
      '3',
    ),
    asked(
      'set',
      '{r}',
      `<query xmlns='${OWNER}'><destroy jid='other@third.example'><reason>Over</reason></destroy></query>`,
      { name: 'query', has: [{ name: 'destroy', attributes: { jid: 'other@third.example' } }] },
      '4',
    ),
    answered('{r}', '', [], '4'),
  ),
  {
    id: 'MUC-12/not-implied',
    requirements: ['MUC-12'],
    title: 'That a partner is admitted does not admit its rooms: they are a domain of their own.',
    role: 'receiving',
    phase: 'authenticated',
    steps: [
      {
        coreSays: `<presence from='{user}/desk' to='aurora@conference.{peer}/al' id='{id}'><x xmlns='${MUC}'/></presence>`,
      },
      { coreHears: errorOf('presence', 'not-allowed') },
      { say: "<presence from='aurora@conference.{peer}/Zoë' to='{user}/desk'/>" },
      { hear: { kind: 'stream-error', condition: 'invalid-from' } },
      { silence: 100, at: 'core', of: { name: 'presence', attributes: { type: false } } },
    ],
  },
]
