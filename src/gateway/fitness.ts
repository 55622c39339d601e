// Is the gateway fit to be sent peers? Pure.

import type { Service } from './control.ts'
import type { House } from './house.ts'

/** Whether peers should be sent here, and why not. `now` in milliseconds since 1970. */
export function fitness(
  house: Pick<House, 'settings' | 'ownIdentity'>,
  { state }: Service,
  now: number,
): { readonly ready: boolean; readonly why: readonly string[] } {
  const proven = house.settings.domains.some(({ domain }) => {
    const certificate = house.ownIdentity(domain)?.certificate
    return certificate !== undefined && Date.parse(certificate.notAfter) > now
  })
  const why = [
    ...(state === 'serving' ? [] : [`the gateway is ${state}`]),
    ...(proven ? [] : ['no domain of ours has a valid certificate']),
  ]
  return { ready: why.length === 0, why }
}
