// Where a run takes place, as far as it matters to figures.

import { readFileSync } from 'node:fs'
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'
import type { Machine } from './results.ts'

export function thisMachine(): Machine {
  const processor = read('/proc/cpuinfo')
  const [name, family, model] = ['model name', 'cpu family', 'model'].map((key) => valueOf(processor, key))
  const isVirtual = / hypervisor /.test(valueOf(processor, 'flags') ?? '')
  const distribution = /^PRETTY_NAME="?(.*?)"?$/m.exec(read('/etc/os-release'))?.[1]
  const kernel = `${type()} ${/^[\d.]*\d/.exec(release())?.[0] ?? release()}`
  return {
    processor: [
      name ?? arch(),
      family === undefined ? '' : ` (family ${family}, model ${model})`,
      isVirtual ? ', virtual machine' : '',
    ].join(''),
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: distribution === undefined ? kernel : `${distribution}, ${kernel}`,
    load: loadavg()[0] ?? 0,
  }
}

const valueOf = (text: string, key: string): string | undefined =>
  new RegExp(`^${key}\\s*:\\s*(.*)$`, 'm').exec(text)?.[1]

/** A file; nothing where there is none. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
