// The house as it stands now: settings, partner list, certificates and trust, and the questions every part of the
// gateway asks of them. Replaced as one value when settings change, so no stream ever sees half of a change.

import type { Settings } from '../config/schema.ts'
import { Networks } from '../net/networks.ts'
import { admission } from '../policy/admission.ts'
import type { Partner } from '../policy/partner.ts'
import { PartnerList } from '../policy/partners.ts'
import type { Anchors } from '../trust/anchors.ts'
import type { Identity } from '../trust/identity.ts'
import type { InternalCa } from '../trust/internal-ca.ts'
import type { OwnCertificates } from '../trust/own-certificates.ts'
import type { CoreTrust } from '../trust/verify-core.ts'
import { verifyCore } from '../trust/verify-core.ts'
import { verifyPeer } from '../trust/verify.ts'
import type { Verdict } from '../trust/verdict.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

export interface HouseParts {
  readonly settings: Settings
  readonly partners: readonly Partner[]
  readonly own: OwnCertificates
  readonly ca: InternalCa
  readonly anchors: Anchors
  readonly partnerAnchors: ReadonlyMap<string, Anchors>
  readonly coreTrust: CoreTrust
  now(): number
}
