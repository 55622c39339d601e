// The log-in of a client that has shown a certificate: SASL EXTERNAL, RFC 6120 §6.3.8 and RFC 4422 appendix A. Whom the
// certificate stands for has been found out before; here it is read whom the client wants to be, and said to the core.
//
// SECURITY: EXTERNAL is the gateway's own. What the core offers of it is taken out, and what the core hears of it is written
//           here, never carried: on the inner connection it would stand for a certificate of ours.

import { parseElement } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { parseAddress } from '../../xmpp/address.ts'
import { toUnicodeDomain } from '../../xmpp/domain.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { firstWord, type Beside, type Form } from './sasl.ts'

export const EXTERNAL = 'EXTERNAL'

/** Whom the certificate that was shown lets in; asked with what the client wants to be, undefined: what it says. */
export type Chooser = (
  authzid: string | undefined,
) => { readonly address: string } | { readonly reason: ReasonId; readonly detail: string }

/** What the core is to hear: that this user, a bare address, logs in. `beside`: what was asked for together with it. */
export function externalFor(user: string, form: Form, beside: readonly Beside[]): Buffer {
  const { local = '', domain = '' } = parseAddress(user) ?? {}
  const message = Buffer.from(`${local}@${toUnicodeDomain(domain)}`)
  // SECURITY: no token, by which whoever keeps it would log in when the certificate no longer does. XEP-0484
  const others = beside.filter(({ namespace }) => namespace !== NS.fast)
  return firstWord(form, { mechanism: EXTERNAL, message, beside: others })
}

/** Does the core take EXTERNAL in this form of SASL? */
export function takesExternal(features: Frame, form: Form): boolean {
  const [name, namespace] =
    form === 'sasl' ? (['mechanisms', NS.sasl] as const) : (['authentication', NS.sasl2] as const)
  const all = parseElement(features).getChild(name, namespace)?.getChildren('mechanism') ?? []
  return all.some((mechanism) => mechanism.getText().trim() === EXTERNAL)
}
