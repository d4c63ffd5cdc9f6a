import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chosenIn, takeOverStudent, withChoice } from '../../../src/main/models/choice.ts'
import { createRegistry } from '../../../src/main/models/registry.ts'
import { openSettings } from '../../../src/main/settings.ts'
import { writeSmallPack } from '../../support/candidates.ts'
import { temporaryFolder } from '../../support/inferenceFixtures.ts'

let home = temporaryFolder()
beforeEach(() => {
	home = temporaryFolder()
	writeSmallPack(join(home.path, 'built-in', 'chest'), 'chest', 6)
	writeSmallPack(join(home.path, 'built-in', 'tissue'), 'tissue', 7, { domain: 'histology' })
	mkdirSync(join(home.path, 'models'))
})
afterEach(() => home.remove())

/** Starts with these settings. @returns who reads each kind then, or why nobody does, and what is kept in settings.json. */
function start(older: object): { reads: Record<string, string>; kept: unknown } {
	const path = join(home.path, 'settings.json')
	writeFileSync(path, JSON.stringify(older))
	const settings = openSettings(home.path)
	const registry = createRegistry({ builtIn: join(home.path, 'built-in'), user: join(home.path, 'models'), selected: () => settings.get() })
	takeOverStudent(settings, registry.studentById)
	return { reads: Object.fromEntries(registry.places().map((place) => [place.domain, 'fault' in place ? place.fault : place.student.manifest.id])), kept: JSON.parse(readFileSync(path, 'utf8')) }
}

describe('a choice', () => {
	const both = { students: { 'chest-radiograph': 'a', histology: 'b' }, teacher: 't' } as const

	it('is changed and given back for its kind of image alone', () => {
		expect(withChoice(both, { role: 'student', domain: 'histology' }, 'c')).toEqual({ ...both, students: { ...both.students, histology: 'c' } })
		expect(withChoice(both, { role: 'student', domain: 'histology' }, null)).toEqual({ students: { 'chest-radiograph': 'a' }, teacher: 't' })
		expect(withChoice(both, { role: 'teacher' }, null)).toEqual({ ...both, teacher: null })
		expect([chosenIn(both, { role: 'student', domain: 'histology' }), chosenIn(both, { role: 'teacher' }), chosenIn({ students: {}, teacher: null }, { role: 'student', domain: 'histology' })]).toEqual(['b', 't', null])
	})
})

describe('the settings of an older program, with one student for every kind of image', () => {
	it('is the choice for what its student reads, and the others are read by those that came with the program', () => {
		writeSmallPack(join(home.path, 'models', 'mine'), 'mine', 8, { domain: 'histology' })
		const { reads, kept } = start({ readerName: 'Dr Weber', student: 'mine', teacher: '' })
		expect(reads).toEqual({ 'chest-radiograph': 'chest', histology: 'mine' })
		expect(kept).toMatchObject({ readerName: 'Dr Weber', student: null, students: { histology: 'mine' }, teacher: '' })
		expect(start(kept as object).reads).toEqual(reads)
	})

	it('lets no other student read in the place of one that is gone, until somebody chooses', () => {
		const { reads, kept } = start({ student: 'mine' })
		expect(reads).toEqual({
			'chest-radiograph': 'No student reads chest radiographs. The chosen pack "mine" is not there. Choose another one under Admin, Models.', histology: 'No student reads histology patches. The chosen pack "mine" is not there. Choose another one under Admin, Models.',
		})
		// Put back, it reads what it is for; the other kind waits for a choice.
		writeSmallPack(join(home.path, 'models', 'mine'), 'mine', 8)
		expect(start(kept as object).reads).toEqual({ 'chest-radiograph': 'mine', histology: 'No student reads histology patches. The chosen pack "mine" is no student for them. Choose another one under Admin, Models.' })
	})

	it('stays as it is where nobody was chosen', () => {
		expect(start({ student: null })).toEqual({ reads: { 'chest-radiograph': 'chest', histology: 'tissue' }, kept: { student: null } })
	})
})
