import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { folderTyped, foldersBeginning, isSameFolder, openPath, typedPath } from '../../../../src/renderer/admin/dataSets/adding/folderPath.ts'

describe('a path that is typed', () => {
	it.each([
		['/', { folder: '/', beginning: '' }],
		['/films', { folder: '/', beginning: 'films' }],
		['/films/2026/ch', { folder: '/films/2026/', beginning: 'ch' }],
		['/films/', { folder: '/films/', beginning: '' }],
		['C:\\Films\\ch', { folder: 'C:\\Films\\', beginning: 'ch' }],
		['C:/Films/ch', { folder: 'C:/Films/', beginning: 'ch' }],
		['\\\\server\\share\\ch', { folder: '\\\\server\\share\\', beginning: 'ch' }],
		// Elsewhere than on Windows it is a letter like any other.
		['/films/back\\slash', { folder: '/films/', beginning: 'back\\slash' }],
		['', null], ['films', null], ['./films', null], ['C:', null], ['~/films', null],
	])('%s', (text, expected) => expect(typedPath(text)).toEqual(expected))

	it('is put together again from its parts, and an open folder has no beginning', () => {
		fc.assert(fc.property(fc.array(fc.stringMatching(/^[^/\\]{1,12}$/), { maxLength: 5 }), fc.constantFrom('/', 'C:\\', 'C:/'), (parts, root) => {
			const path = `${root}${parts.join(root.at(-1))}`
			const typed = typedPath(path)
			expect(`${typed?.folder}${typed?.beginning}`).toBe(path)
			expect(typedPath(openPath(path))?.beginning).toBe('')
			expect(isSameFolder(openPath(path), path)).toBe(true)
			expect(openPath(openPath(path))).toBe(openPath(path))
		}))
	})

	it('names the same folder with and without a separator at its end', () => {
		expect([isSameFolder('/films/', '/films'), isSameFolder('/', '/'), isSameFolder('C:\\', 'C:\\'), isSameFolder('/films', '/film')]).toEqual([true, true, true, false])
	})
})

describe('folders', () => {
	const folders = ['Archive', 'chest', 'Chest 2', 'colon'].map((name) => ({ name }))
	it('are those that begin so, in capital or small letters', () => {
		expect(foldersBeginning(folders, 'CH').map(({ name }) => name)).toEqual(['chest', 'Chest 2'])
		expect(foldersBeginning(folders, '')).toBe(folders)
		expect(foldersBeginning(folders, 'x')).toEqual([])
	})
	it.each([
		['the first that begins so', -1, 'c', 1],
		['the next by the same letter', 1, 'c', 2],
		['round to the first', 3, 'cc', 1],
		['the same where more letters still fit', 1, 'ch', 1],
		['on to the one that fits', 1, 'co', 3],
		['none', 0, 'x', -1],
	])('are found by letters: %s', (_, active, typed, expected) => expect(folderTyped(folders, active, typed)).toBe(expected))
	it('are not found where there are none', () => expect(folderTyped([], -1, 'a')).toBe(-1))
})
