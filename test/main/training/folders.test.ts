import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFolders } from '../../../src/main/training/folders.ts'
import { newFolder } from '../../support/trees.ts'

describe('the folders that a person may choose from', () => {
	it('are those of the home folder first', async () => {
		expect(await listFolders(null)).toMatchObject({ folder: homedir(), parent: dirname(homedir()), places: expect.arrayContaining([homedir()]) })
	})

	it('are listed in the order of people, with links and without hidden ones and files', async () => {
		const folder = await newFolder()
		for (const name of ['scan 10', 'Scan 2', '.hidden', 'Ärzte']) await mkdir(join(folder, name))
		await writeFile(join(folder, 'film.png'), '')
		await symlink(join(folder, 'scan 10'), join(folder, 'link'))
		await symlink(join(folder, 'film.png'), join(folder, 'no folder'))
		const { folders, more, parent } = await listFolders(`${folder}/scan 10/..`)
		expect(folders.map(({ name }) => name)).toEqual(['Ärzte', 'link', 'Scan 2', 'scan 10'])
		expect(folders.map(({ path }) => path)).toContain(join(folder, 'Scan 2'))
		expect([more, parent]).toEqual([false, dirname(folder)])
	})

	it('end at a bound, and at the root', async () => {
		const folder = await newFolder()
		for (let index = 0; index < 1005; index++) await mkdir(join(folder, String(index)))
		const { folders, more } = await listFolders(folder)
		expect([folders.length, folders.at(-1)?.name, more]).toEqual([1000, '999', true])
		expect((await listFolders('/')).parent).toBeNull()
	})

	it('are refused with a sentence where there is none, or nobody knows which is meant', async () => {
		await expect(listFolders('films')).rejects.toThrow('The folder "films" is not named from the root.')
		await expect(listFolders(join(await newFolder(), 'none'))).rejects.toThrow(/^The folder .*none cannot be read\.$/)
	})
})
