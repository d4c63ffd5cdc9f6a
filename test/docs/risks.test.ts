import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const rows = readFileSync(join(ROOT, 'docs/risks.md'), 'utf8').split('\n').filter((line) => /^\| R\d+ /.test(line)).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))

describe('the table of risks', () => {
	it('numbers its hazards without gap or repetition', () => {
		expect(rows.length).toBeGreaterThan(10)
		expect(rows.map(([id]) => id)).toEqual(rows.map((_, index) => `R${index + 1}`))
	})

	it.each(rows)('%s has a control and a test that is there', (_, hazard, control, held) => {
		expect(hazard).not.toBe('')
		expect(control).not.toBe('')
		const files = [...(held ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] as string)
		expect(files.length).toBeGreaterThan(0)
		for (const file of files) {
			expect(file).toMatch(/^test\/.+\.(test|e2e)\.ts$/)
			expect(existsSync(join(ROOT, file)), file).toBe(true)
			expect(readFileSync(join(ROOT, file), 'utf8'), file).toMatch(/\b(it|test)(\.\w+)?\(/)
		}
	})
})

describe('the documents', () => {
	const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => join('docs', name))]

	it.each(documents)('%s links to what is there', (name) => {
		// Pictures are taken from the running program by the end-to-end tests.
		const links = [...readFileSync(join(ROOT, name), 'utf8').matchAll(/\[[^\]]*\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] as string).filter((link) => !/^https?:|\.png$/.test(link))
		for (const link of links) expect(existsSync(join(ROOT, dirname(name), link)), `${name}: ${link}`).toBe(true)
	})
})
