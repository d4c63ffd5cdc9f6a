import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/inferenceFixtures.ts'

const ROOT = resolve(import.meta.dirname, '../..')

it('the set-up empties no folder that node_modules is only a link to', () => {
	const folder = temporaryFolder()
	try {
		const [copy, others] = [join(folder.path, 'copy'), join(folder.path, 'others')]
		cpSync(join(ROOT, 'scripts'), join(copy, 'scripts'), { recursive: true })
		cpSync(join(ROOT, 'package-lock.json'), join(copy, 'package-lock.json'))
		mkdirSync(others)
		writeFileSync(join(others, 'kept'), '')
		symlinkSync(others, join(copy, 'node_modules'), 'junction')
		const { status, stderr } = spawnSync(process.execPath, [join(copy, 'scripts', 'setup.mjs'), '--for', 'start'], { encoding: 'utf8' })
		expect(stderr).toContain('node_modules is a link to another folder')
		expect(status).toBe(1)
		expect(readdirSync(others)).toEqual(['kept'])
	} finally {
		folder.remove()
	}
})
