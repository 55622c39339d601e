// Lists in JSON: an array, one object, our own `{"partners": […]}`, or the `{"value": […], "Count": n}` that ConvertTo-Json of
// older PowerShells makes of a list, be it the whole or a value of an item.

import { isRecord } from '../config/check.ts'
import { listIn, type Item, type Items } from './item.ts'
import type { Problem } from './text.ts'

export function readJson(text: string): Items | Problem {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return faultIn(text, error instanceof Error ? error.message : String(error))
  }
  const whole = listIn(value)
  const listed = isRecord(whole) ? (Array.isArray(whole['partners']) ? whole['partners'] : [whole]) : whole
  if (!Array.isArray(listed)) return { problem: 'no list of objects; write [{ … }, { … }]' }
  const items: Item[] = []
  for (const [index, one] of listed.entries()) {
    const place = `item ${index + 1}`
    if (!isRecord(one)) return { problem: `${place} is no object; write { "name": value, … }` }
    items.push({ place, values: Object.fromEntries(Object.entries(one).map(([key, said]) => [key, listIn(said)])) })
  }
  return { items }
}

/** Where JSON ends to be JSON, as far as its reader says. */
function faultIn(text: string, message: string): Problem {
  const [, offset] = /at position (\d+)/.exec(message) ?? []
  const line = offset === undefined ? undefined : text.slice(0, Number(offset)).split('\n').length
  const [what = message] = message.split(/ in JSON at position| \(line/, 1)
  return { problem: `no JSON (${what}); export it again, or mend it there`, line }
}
