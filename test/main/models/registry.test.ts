import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import type { Selection } from '../../../src/main/models/choice.ts'
import { createRegistry } from '../../../src/main/models/registry.ts'
import { packDirectory, packManifest, temporaryFolder } from '../../support/inferenceFixtures.ts'

let root = temporaryFolder()
beforeEach(() => {
	root = temporaryFolder()
	for (const folder of ['built-in', 'user']) mkdirSync(join(root.path, folder))
})
afterEach(() => root.remove())

function registry(selected: Selection = { students: {}, teacher: null }) {
	return createRegistry({ builtIn: join(root.path, 'built-in'), user: join(root.path, 'user'), selected: () => selected })
}

/** Ids of the students that read. */
function reading(chosen: Selection['students']): string[] {
	return registry({ students: chosen, teacher: null }).readers().map(({ student }) => student.manifest.id)
}

/** A pack with a small file in the place of the graph: the registry hashes it and reads no further. */
function writePack(origin: 'built-in' | 'user', name: string, change: Partial<ModelManifest> = {}): string {
	const directory = join(root.path, origin, name)
	mkdirSync(directory)
	const graph = `graph of ${name}`
	writeFileSync(join(directory, 'model.onnx'), graph)
	const sha256 = createHash('sha256').update(graph).digest('hex')
	writeFileSync(join(directory, 'model.json'), JSON.stringify({ ...packManifest, id: name, sha256, ...change }))
	writeFileSync(join(directory, 'CARD.md'), `# ${name}`)
	return directory
}

function reasonOf(name: string): string {
	const entry = registry().list().find((candidate) => candidate.directory.endsWith(name))
	return entry?.state === 'refused' ? entry.reason : `not refused: ${entry?.state}`
}

describe('model registry', () => {
	it('reads the pack that comes with the program', () => {
		const packs = createRegistry({ builtIn: join(packDirectory, '..'), user: join(root.path, 'none'), selected: () => ({ students: {}, teacher: null }) })
		expect(packs.student()?.manifest.id).toBe('cxr3-ofa595-bootstrap')
		expect(packs.student()?.card).toContain('Research use only')
		expect(packs.studentFault()).toBe('')
		expect(packs.bySha256(packManifest.sha256)?.directory).toBe(packDirectory)
		expect(packs.list().map((entry) => entry.state === 'ready' && entry.selected)).toEqual([true])
	})

	it('takes the first built-in student and any teacher, unless others are selected', () => {
		writePack('user', 'a-student')
		writePack('built-in', 'b-student')
		expect(registry().student()?.manifest.id).toBe('b-student')
		expect(registry().teacher()).toBeNull()
		writePack('user', 'c-teacher', { role: 'teacher' })
		expect(registry().teacher()?.manifest.id).toBe('c-teacher')
		const chosen = registry({ students: { 'chest-radiograph': 'a-student' }, teacher: null })
		expect(chosen.student()?.manifest.id).toBe('a-student')
		expect(chosen.list().filter((entry) => entry.state === 'ready' && entry.selected)).toHaveLength(2)
	})

	it('asks no teacher that answers with other labels than the student', () => {
		const labels = packManifest.labels.map((label, index) => ({ ...label, name: `tissue ${index}` }))
		writePack('built-in', 'a-student')
		writePack('built-in', 'a-teacher', { role: 'teacher', labels })
		expect(registry().teacher()).toBeNull()
		writePack('built-in', 'b-teacher', { role: 'teacher', labels: packManifest.labels.toReversed() })
		expect(registry().teacher()?.manifest.id).toBe('b-teacher')
		writePack('built-in', 'b-student', { labels })
		expect(registry({ students: { 'chest-radiograph': 'b-student' }, teacher: 'b-teacher' }).teacher()?.manifest.id).toBe('a-teacher')
		expect(registry({ students: { 'chest-radiograph': 'b-student' }, teacher: 'gone' }).teacher()).toBeNull()
	})

	it('has a student for each kind of image where none is selected, chest films first', () => {
		const labels = packManifest.labels.map((label, index) => ({ ...label, name: `tissue ${index}` }))
		writePack('built-in', 'a-tissue', { domain: 'histology', labels })
		writePack('built-in', 'b-chest')
		writePack('built-in', 'c-chest')
		writePack('built-in', 'd-teacher', { role: 'teacher', labels })
		writePack('user', 'e-tissue', { domain: 'histology', labels })
		expect(registry().readers().map(({ student, teacher }) => [student.manifest.id, teacher?.manifest.id])).toEqual([['b-chest', undefined], ['a-tissue', 'd-teacher']])
		expect(registry().list().flatMap((entry) => (entry.state === 'ready' && entry.selected ? [entry.manifest.id] : []))).toEqual(['a-tissue', 'b-chest', 'd-teacher'])
	})

	it('keeps the choice of a student to the kind of image that it reads', () => {
		writePack('built-in', 'a-chest')
		writePack('built-in', 'b-tissue', { domain: 'histology' })
		writePack('user', 'c-chest')
		writePack('user', 'd-tissue', { domain: 'histology' })
		expect(reading({})).toEqual(['a-chest', 'b-tissue'])
		expect(reading({ 'chest-radiograph': 'c-chest' })).toEqual(['c-chest', 'b-tissue'])
		expect(reading({ histology: 'd-tissue' })).toEqual(['a-chest', 'd-tissue'])
		expect(reading({ 'chest-radiograph': 'c-chest', histology: 'd-tissue' })).toEqual(['c-chest', 'd-tissue'])
	})

	it.each([
		['is refused', 'mine', 'No student reads chest radiographs. mine: The SHA-256 of model.onnx is not the one in model.json: the network is damaged or was exchanged. Choose another one under Admin, Models.'],
		['is gone', 'gone', 'No student reads chest radiographs. The chosen pack "gone" is not there. Choose another one under Admin, Models.'],
		['reads another kind of image', 'c-tissue', 'No student reads chest radiographs. The chosen pack "c-tissue" is no student for them. Choose another one under Admin, Models.'],
		['is a teacher', 'd-teacher', 'No student reads chest radiographs. The chosen pack "d-teacher" is no student for them. Choose another one under Admin, Models.'],
	])('has no student for a kind of image, and says why, where the chosen one %s; the other kinds are read', (_, id, fault) => {
		writePack('built-in', 'a-chest')
		writePack('built-in', 'b-tissue', { domain: 'histology' })
		writePack('user', 'c-tissue', { domain: 'histology' })
		writePack('user', 'd-teacher', { role: 'teacher' })
		writePack('user', 'mine', { sha256: '0'.repeat(64) })
		const packs = registry({ students: { 'chest-radiograph': id }, teacher: null })
		expect(packs.places()).toMatchObject([{ domain: 'chest-radiograph', fault }, { domain: 'histology', student: { manifest: { id: 'b-tissue' } } }])
		expect([packs.student(), packs.studentFault()]).toEqual([null, fault])
		expect(packs.list().flatMap((entry) => (entry.state === 'ready' && entry.selected && entry.manifest.role === 'student' ? [entry.manifest.id] : []))).toEqual(['b-tissue'])
	})

	it('says of each kind of image why it has no student, and where there is none at all', () => {
		expect(registry().studentFault()).toBe('There is no student network. No usable model pack came with the program.')
		writePack('built-in', 'a-chest')
		expect(registry({ students: { 'chest-radiograph': 'x', histology: 'x' }, teacher: null }).studentFault()).toBe('No student reads chest radiographs. The chosen pack "x" is not there. Choose another one under Admin, Models. No student reads histology patches. The chosen pack "x" is not there. Choose another one under Admin, Models.')
	})

	it('sees packs that come and change while it runs', () => {
		const packs = registry()
		expect(packs.list()).toEqual([])
		const directory = writePack('user', 'new')
		expect(packs.list()).toMatchObject([{ state: 'ready', origin: 'user' }])
		writeFileSync(join(directory, 'model.onnx'), 'graph of new, exchanged')
		expect(packs.list()).toMatchObject([{ state: 'refused' }])
	})

	it.each<[string, (directory: string) => void, string]>([
		['a missing graph', (directory) => removeFile(directory, 'model.onnx'), 'model.onnx is missing'],
		['a missing description', (directory) => removeFile(directory, 'model.json'), 'model.json is missing'],
		['a description that is no JSON', (directory) => writeFileSync(join(directory, 'model.json'), '{'), 'model.json is not JSON'],
		['a key that is not known', (directory) => edit(directory, { extra: 1 }), 'not valid'],
		['an id that is a path', (directory) => edit(directory, { id: '../../etc' }), 'not valid at "id"'],
		['golden logits of another number', (directory) => edit(directory, { golden: { ...packManifest.golden, logits: [1] } }), 'one golden logit for each label'],
		['a label twice', (directory) => edit(directory, { labels: packManifest.labels.map(() => packManifest.labels[0]) }), 'names a label twice'],
		['a default layer that is not there', (directory) => edit(directory, { outputs: { ...packManifest.outputs, defaultCamLayer: 'stem' } }), 'default layer'],
		['a huge description', (directory) => truncateSync(join(directory, 'model.json'), 2 ** 21), 'model.json is larger than 1024 KiB'],
		['a huge graph', (directory) => truncateSync(join(directory, 'model.onnx'), 2 ** 30 + 1), 'model.onnx is larger than'],
		['a graph that is a link', (directory) => relink(directory, 'model.onnx'), 'model.onnx is a link'],
		['a card that is a link', (directory) => relink(directory, 'CARD.md'), 'CARD.md is a link'],
		['a graph that is a folder', (directory) => {
			removeFile(directory, 'model.onnx')
			mkdirSync(join(directory, 'model.onnx'))
		}, 'model.onnx is not a file'],
	])('refuses %s', (_, damage, words) => {
		damage(writePack('user', 'bad'))
		expect(reasonOf('bad')).toContain(words)
		expect(registry().student()).toBeNull()
	})

	it('refuses a folder that is a link', () => {
		symlinkSync(packDirectory, join(root.path, 'user', 'linked'))
		expect(reasonOf('linked')).toContain('This is a link')
	})

	it('refuses an id or a network that is there already', () => {
		writePack('built-in', 'first')
		writePack('user', 'second', { id: 'first' })
		expect(reasonOf('second')).toContain('already has the id "first"')
		const copy = writePack('user', 'third')
		copyFileSync(join(root.path, 'built-in', 'first', 'model.onnx'), join(copy, 'model.onnx'))
		edit(copy, { sha256: createHash('sha256').update('graph of first').digest('hex') })
		expect(reasonOf('third')).toContain('already has the same network')
		expect(registry().student()?.origin).toBe('built-in')
	})
})

function removeFile(directory: string, file: string): void {
	rmSync(join(directory, file))
}

function edit(directory: string, change: Record<string, unknown>): void {
	const path = join(directory, 'model.json')
	writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }))
}

function relink(directory: string, file: string): void {
	copyFileSync(join(directory, file), join(directory, '..', `real-${file}`))
	removeFile(directory, file)
	symlinkSync(join('..', `real-${file}`), join(directory, file))
}
