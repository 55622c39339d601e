// One session of a client, word by word: what its user says, what a contact inside says, and what must have been heard before
// it goes on. The same at every server, so that what is heard can be compared.
//
// In words: {user} and {contact} are bare addresses, {domain} and {room} what they say.

import { conferenceOf, OURS } from './places.ts'
import { uploadOf } from '../support/server.ts'

export interface Step {
  readonly about: string
  readonly user?: string
  readonly contact?: string
  /** All of it, in any order. */
  readonly userHears?: readonly RegExp[]
  readonly contactHears?: readonly RegExp[]
}

const iq = (type: string, id: string, content: string, to?: string): string =>
  `<iq type='${type}' id='${id}'${to === undefined ? '' : ` to='${to}'`}>${content}</iq>`

const answer = (id: string, type = 'result|error'): RegExp =>
  new RegExp(`<iq(?=[^>]* id=['"]${id}['"])(?=[^>]* type=['"](?:${type})['"])[^>]*(?:/>|>(?:(?!</iq>)[\\s\\S])*</iq>)`)

/** An element of this name whose inside has all of these words. */
const element = (name: string, ...words: readonly string[]): RegExp =>
  new RegExp(`<${name}\\b${words.map((one) => `(?=(?:(?!</${name}>)[\\s\\S])*${one})`).join('')}`)

const PUBSUB = 'http://jabber.org/protocol/pubsub'

export const SCRIPT: readonly Step[] = [
  {
    about: 'stream management',
    user: "<enable xmlns='urn:xmpp:sm:3' resume='true'/>",
    userHears: [/<enabled/],
  },
  {
    about: 'what the server is',
    user: iq('get', 's-info', "<query xmlns='http://jabber.org/protocol/disco#info'/>", '{domain}'),
    userHears: [answer('s-info')],
  },
  {
    about: 'what is there',
    user: iq('get', 's-items', "<query xmlns='http://jabber.org/protocol/disco#items'/>", '{domain}'),
    userHears: [answer('s-items')],
  },
  {
    about: 'what is known of oneself',
    user: iq('get', 's-self', "<query xmlns='http://jabber.org/protocol/disco#info'/>", '{user}'),
    userHears: [answer('s-self')],
  },
  {
    about: 'an empty roster',
    user: iq('get', 's-roster', "<query xmlns='jabber:iq:roster'/>"),
    userHears: [answer('s-roster')],
    contact: iq('get', 'c-roster', "<query xmlns='jabber:iq:roster'/>"),
    contactHears: [answer('c-roster')],
  },
  {
    about: 'presence',
    user: '<presence><priority>1</priority></presence>',
    userHears: [element('presence', 'priority')],
    contact: "<presence id='c-there'/>",
    contactHears: [/<presence[^>]*c-there/],
  },
  {
    about: 'an entry in the roster',
    user: iq('set', 's-add', "<query xmlns='jabber:iq:roster'><item jid='{contact}' name='Friend'/></query>"),
    userHears: [answer('s-add'), element('iq', '<item[^>]*Friend')],
  },
  {
    about: 'a subscription is asked for',
    user: "<presence type='subscribe' to='{contact}' id='s-subscribe'/>",
    userHears: [element('iq', 'ask=')],
    contactHears: [/<presence[^>]*type=['"]subscribe['"]/],
  },
  {
    about: 'a subscription is given',
    contact: "<presence type='subscribed' to='{user}' id='c-subscribed'/>",
    contactHears: [element('iq', `subscription=['"]from['"]`)],
    userHears: [
      element('iq', `subscription=['"]to['"]`),
      /<presence[^>]*type=['"]subscribed['"]/,
      /<presence(?=[^>]*c-there)(?=[^>]*inside)/,
    ],
  },
  {
    about: 'carbons',
    user: iq('set', 's-carbons', "<enable xmlns='urn:xmpp:carbons:2'/>"),
    userHears: [answer('s-carbons')],
  },
  {
    about: 'a word to the contact',
    user: "<message type='chat' to='{contact}' id='s-chat'><body>Grüße &amp; &lt;x/&gt;</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
    contactHears: [element('message', 's-chat', '</body>')],
  },
  {
    about: 'words of the contact',
    contact:
      "<message type='chat' to='{user}' id='c-bare'><body>to you</body></message><message type='chat' to='{user}/script' id='c-full' xml:lang='de'><body>an dich</body></message>",
    userHears: [element('message', 'c-bare', '</body>'), element('message', 'c-full', '</body>')],
  },
  {
    about: 'into a room',
    user: "<presence to='{room}/me'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
    userHears: [element('presence', `code=['"]110['"]`), element('message', '<subject')],
  },
  {
    about: 'a word in a room',
    user: "<message type='groupchat' to='{room}' id='s-room'><body>hello, room</body></message>",
    userHears: [element('message', 'hello, room')],
  },
  {
    about: 'out of a room',
    user: "<presence type='unavailable' to='{room}/me'/>",
    userHears: [/<presence(?=[^>]*\/me)(?=[^>]*type=['"]unavailable['"])/],
  },
  {
    about: 'the archive',
    user: iq('set', 's-mam', "<query xmlns='urn:xmpp:mam:2' queryid='s-query'/>"),
    userHears: [answer('s-mam')],
  },
  {
    about: 'a card is written',
    user: iq('set', 's-card', "<vCard xmlns='vcard-temp'><FN>A User</FN></vCard>"),
    userHears: [answer('s-card')],
  },
  {
    about: 'a card is read',
    user: iq('get', 's-read', "<vCard xmlns='vcard-temp'/>"),
    userHears: [answer('s-read')],
  },
  {
    about: 'something is published',
    user: iq(
      'set',
      's-publish',
      `<pubsub xmlns='${PUBSUB}'><publish node='urn:example:mood'><item id='s-item'><mood xmlns='urn:example:mood'>fine</mood></item></publish></pubsub>`,
    ),
    userHears: [answer('s-publish')],
  },
  {
    about: 'what was published is read',
    user: iq('get', 's-published', `<pubsub xmlns='${PUBSUB}'><items node='urn:example:mood'/></pubsub>`, '{user}'),
    userHears: [answer('s-published')],
  },
  { about: 'inactive', user: "<inactive xmlns='urn:xmpp:csi:0'/>" },
  {
    about: 'what comes meanwhile',
    contact:
      "<presence id='c-away'><show>away</show></presence><message type='chat' to='{user}/script' id='c-csi'><body>still there?</body></message>",
    userHears: [element('presence', 'c-away', '<show>away'), element('message', 'c-csi', '</body>')],
  },
  { about: 'active', user: "<active xmlns='urn:xmpp:csi:0'/>" },
  {
    about: 'a slot for a file',
    user: iq(
      'get',
      's-slot',
      "<request xmlns='urn:xmpp:http:upload:0' filename='a.txt' size='12' content-type='text/plain'/>",
      uploadOf(OURS),
    ),
    userHears: [answer('s-slot')],
  },
  {
    about: 'an iq that nobody understands',
    user: iq('get', 's-strange', "<query xmlns='urn:example:strange'/>"),
    userHears: [answer('s-strange', 'error')],
  },
  {
    about: 'an iq to a contact who does not answer it',
    user: iq('get', 's-other', "<query xmlns='urn:example:strange'/>", '{contact}'),
    userHears: [answer('s-other', 'error')],
  },
  {
    about: 'an iq with nothing in it',
    user: iq('get', 's-empty', ''),
    userHears: [answer('s-empty', 'error')],
  },
  {
    about: 'a type that does not exist',
    user: iq('wrong', 's-type', "<query xmlns='jabber:iq:roster'/>"),
    userHears: [answer('s-type', 'error')],
  },
  {
    about: 'a message to nobody there',
    user: "<message type='chat' to='nobody-there@{domain}' id='s-nobody'><body>?</body></message>",
    userHears: [element('message', 's-nobody', 'error')],
  },
  { about: 'how much was handled', user: "<r xmlns='urn:xmpp:sm:3'/>", userHears: [/<a /] },
]

/** Last words, each of a session of its own: what the server says to them. */
export const LAST_WORDS: readonly { readonly about: string; readonly words: string }[] = [
  { about: 'an end in good order', words: '</stream:stream>' },
  { about: 'an element that nobody understands', words: "<strange xmlns='urn:example:strange'/></stream:stream>" },
  {
    about: 'in the name of somebody else',
    words: "<message from='{contact}' to='{contact}' id='l-from'><body>I am you</body></message></stream:stream>",
  },
  {
    about: 'to an address that is none',
    words: "<message to='@@' id='l-to'><body>to whom?</body></message></stream:stream>",
  },
  { about: 'what is no XML', words: '<message to="a"><body>x</message>' },
]

export const ROOMS = conferenceOf(OURS)
