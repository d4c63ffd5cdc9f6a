import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError, type Handlers } from '../../../src/common/contract/procedures.ts'
import { dispatch } from '../../../src/main/api/dispatch.ts'
import { pageResponse } from '../../../src/main/api/pages.ts'

const handlers = {
	'studies.remove': ({ studyId }: { studyId: number }) => {
		if (studyId === 1) throw new UserError('There is no such study.', 'looked for 1')
		if (studyId === 2) throw new Error('a fault')
		return {}
	},
	'reports.all': () => [{ id: 'not a number' }],
} as unknown as Handlers

describe('dispatch', () => {
	it('answers a call that fits the contract', async () => {
		expect(await dispatch(handlers, 'studies.remove', { studyId: 3 })).toEqual({ output: {} })
	})

	it('refuses unknown names, what every object has, and inputs that do not fit', async () => {
		for (const name of ['studies.explode', 'constructor', '__proto__']) {
			expect(await dispatch(handlers, name, {})).toMatchObject({ error: { message: `There is no procedure ${name}.` } })
		}
		expect(await dispatch(handlers, 'studies.remove', { studyId: 'one' })).toMatchObject({ error: { message: 'The request studies.remove is not valid.' } })
	})

	it('shows a refusal as it is, and keeps a fault for the details', async () => {
		expect(await dispatch(handlers, 'studies.remove', { studyId: 1 })).toEqual({ error: { message: 'There is no such study.', detail: 'looked for 1' } })
		const { error } = (await dispatch(handlers, 'studies.remove', { studyId: 2 })) as { error: { message: string; detail: string } }
		expect(error.message).toMatch(/^Something went wrong inside the program/)
		expect(error.detail).toMatch(/a fault/)
	})

	it('lets no output through that breaks the contract', async () => {
		expect(await dispatch(handlers, 'reports.all', {})).toHaveProperty('error')
	})
})

describe('the page', () => {
	it('is served from its own folder and from nowhere else, under the policy', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'negatoscope-test-'))
		try {
			const root = join(folder, 'page')
			await mkdir(join(root, 'assets'), { recursive: true })
			await writeFile(join(folder, 'secret.json'), '{}')
			await writeFile(join(root, 'index.html'), '<p>page</p>')
			await writeFile(join(root, 'assets', 'a.js'), '1')
			await symlink(join(folder, 'secret.json'), join(root, 'link.json'))
			const page = await pageResponse(root, '/')
			expect(await page.text()).toBe('<p>page</p>')
			expect(page.headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval'")
			expect((await pageResponse(root, '/assets/a.js')).status).toBe(200)
			for (const path of ['/../secret.json', '/%2e%2e/secret.json', '/link.json', '/assets', '/none.js']) {
				expect((await pageResponse(root, path)).status, path).toBe(404)
			}
		} finally {
			await rm(folder, { recursive: true, force: true })
		}
	})
})
