// Deliberately wrong gateways: ways, queues and what is passed on by them. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const PASSING_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'answers-too', about: 'What the core answers the gateway answers as well.', module: 'gateway/router.ts' },
    find: 'journal.passed(said, passage, stream, at)',
    put: "journal.passed(said, passage, stream, at)\n    this.#refuse(passage.facts(frame, at), came, nobodyThere({ reason: 'SP-168' }))",
    cases: ['STZ-10/headline', 'STZ-11/gone'],
  },
  {
    ...{ id: 'out-of-order', about: 'What waits goes out the last first.', module: 'net/fifo.ts' },
    find: 'this.#items.push(item)',
    put: 'this.#items.splice(this.#head, 0, item)',
    cases: ['STZ-06/in'],
  },
  {
    ...{ id: 'many-streams', about: 'Whatever has to cross has a stream opened.', module: 'gateway/links/links.ts' },
    find: 'if (known) return known\n    if (this.#closed',
    put: 'if (known?.stream) return known\n    if (this.#closed',
    cases: ['STZ-07/one-stream'],
  },
  {
    ...{ id: 'forgotten-requests', about: 'Presence that waits for a link that fails is dropped.' },
    module: 'gateway/links/returns.ts',
    find: 'this.#queue.take()) this.#options.bounce(parcel, letIn(why))',
    put: "this.#queue.take())\n      if (parcel.frame?.name !== 'presence') this.#options.bounce(parcel, letIn(why))",
    cases: ['SUB-11/no-way'],
  },
  {
    ...{ id: 'below-implied', about: 'Who is admitted is so with all domains below.', module: 'policy/partners.ts' },
    find: `if (exact !== undefined || this.#below.size === 0) return exact
    for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
      const entry = this.#below.get(domain.slice(dot + 1))`,
    put: `if (exact !== undefined) return exact
    for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
      const entry = this.#below.get(domain.slice(dot + 1)) ?? this.#exact.get(domain.slice(dot + 1))`,
    cases: ['MUC-12/not-implied'],
  },
  {
    ...{ id: 'other-namespace', about: 'Namespaces in values are made those of clients.', module: 'xml/rescope.ts' },
    find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
    put: "return Buffer.from(frame.bytes.toString().replaceAll('jabber:server:', 'jabber:client:'))",
    cases: ['LBL-06/bound-in', 'LBL-06/bound-out'],
  },
  {
    ...{ id: 'no-stamps', about: 'What has waited says nothing of it.', module: 'gateway/links/parcels.ts' },
    find: 'if (now - at < NOTICEABLE_MS) return parcel',
    put: 'if (now > 0) return parcel',
    cases: ['STZ-14/stamped'],
  },
  {
    ...{ id: 'all-stamped', about: 'Questions get stamps as well.', module: 'gateway/links/delayed.ts' },
    find: 'frame && isTold(frame) ?',
    put: 'frame ?',
    cases: ['STZ-14/stamped'],
  },
  {
    ...{ id: 'unbounded', about: 'Of what waits for a partner there may be any number.' },
    module: 'gateway/links/parcels.ts',
    find: "fits ? this.#budget.take(bytes) : 'SP-621'",
    put: "fits ? this.#budget.take(bytes) && undefined : 'SP-621'",
    cases: ['STZ-07/bounded'],
  },
  {
    ...{ id: 'waits-for-ever', about: 'What waits does so as long as it has to.', module: 'gateway/links/returns.ts' },
    find: 'now() - limits.queueWaitMs',
    put: '-limits.queueWaitMs',
    cases: ['STZ-07/bounded'],
  },
  {
    ...{
      id: 'lost-in-doubt',
      about: 'What is under way when a stream ends is dropped.',
      module: 'gateway/links/link.ts',
    },
    find: 'for (const parcel of lost) this.#options.bounce(parcel, inDoubt(why))',
    put: 'if (lost.length < 0) inDoubt(why)',
    cases: ['MSG-04/burst'],
  },
  {
    ...{ id: 'body-alone', about: 'Of messages the body alone is passed on.', module: 'xml/rescope.ts' },
    find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
    put: "return Buffer.from(frame.bytes.toString().replace(/(<message[^>]*>).*?(<body>[^<]*<.body>).*(<.message>)$/s, '$1$2$3'))",
    cases: [
      'MSG-02/languages/in',
      'MSG-02/languages/out',
      'MSG-06/receipts/in',
      'MSG-06/receipts/out',
      'MSG-08/stamp/in',
      'MSG-08/stamp/out',
      'LBL-01/label/in',
      'LBL-01/label/out',
      'LBL-05/nato/in',
      'LBL-05/nato/out',
    ],
  },
  {
    ...{ id: 'other-payloads', about: 'What is not known is taken out.', module: 'xml/rescope.ts' },
    find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
    put: "return Buffer.from(frame.bytes.toString().replace(/<x:thing.*<.x:thing>/s, ''))",
    cases: ['STZ-04/unknown/in', 'STZ-04/unknown/out'],
  },
  {
    ...{ id: 'composed', about: 'Text is composed anew.', module: 'xml/rescope.ts' },
    find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
    put: "return Buffer.from(frame.bytes.toString().normalize('NFC'))",
    cases: ['MSG-03/unicode/in', 'MSG-03/unicode/out'],
  },
  {
    ...{ id: 'chats-alone', about: 'Messages of any type are chats.', module: 'xml/rescope.ts' },
    find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
    put: 'return Buffer.from(frame.bytes.toString().replace(/ type=.(?:normal|headline|groupchat)./, " type=\'chat\'"))',
    cases: [
      'MSG-01/normal/in',
      'MSG-01/normal/out',
      'MSG-01/headline/in',
      'MSG-01/headline/out',
      'MSG-01/groupchat/in',
      'MSG-01/groupchat/out',
    ],
  },
  {
    ...{ id: 'no-tongue', about: 'In which language something is goes unsaid.', module: 'xml/rescope.ts' },
    find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
    put: "return Buffer.from(frame.bytes.toString().replaceAll(/ xml:lang='[^']*'/g, ''))",
    cases: ['MSG-01/chat/in', 'MSG-01/chat/out', 'MSG-02/languages/in', 'MSG-02/languages/out'],
  },
  {
    ...{ id: 'bare-presence', about: 'Of presence what stands in it is left out.', module: 'xml/rescope.ts' },
    find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
    put: "return Buffer.from(frame.bytes.toString().replace(/^(<presence[^>]*)>.*<.presence>$/s, '$1/>'))",
    cases: [
      'PRS-03/shows/in',
      'PRS-03/shows/out',
      'PRS-03/away/in',
      'PRS-03/away/out',
      'PRS-11/capabilities/in',
      'PRS-11/capabilities/out',
      'SUB-02/subscribe/in',
      'SUB-02/subscribe/out',
      'MUC-01/told/ours',
      'MUC-01/told/theirs',
      'MUC-02/told/ours',
      'MUC-02/told/theirs',
      'MUC-07/conflict/ours',
      'MUC-07/conflict/theirs',
      'MUC-07/forbidden/ours',
      'MUC-07/forbidden/theirs',
    ],
  },
  {
    ...{ id: 'plain-nicks', about: 'Nicks are written without accents.', module: 'xml/rescope.ts' },
    find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
    put: "return Buffer.from(frame.bytes.toString().replaceAll('ü', 'u').replaceAll('ë', 'e'))",
    cases: [
      'MUC-06/in-order/ours',
      'MUC-06/in-order/theirs',
      'MUC-08/said/ours',
      'MUC-08/said/theirs',
      'MUC-09/changes/ours',
      'MUC-09/changes/theirs',
    ],
  },
  {
    ...{ id: 'never-answered', about: 'Whoever is not answered waits for ever.', module: 'gateway/ledgers/ledgers.ts' },
    find: 'this.#questions.olderThan(at - iqAnswerMs)',
    put: 'this.#questions.olderThan(-iqAnswerMs)',
    cases: ['STZ-03/unanswered'],
  },
  {
    ...{ id: 'late-answers', about: 'What was answered is answered again.', module: 'gateway/router.ts' },
    find: 'if (ledgers.isLate(outside)) return',
    put: 'if (ledgers.isLate(outside) && at < 0) return',
    cases: ['STZ-03/unanswered'],
  },
]
