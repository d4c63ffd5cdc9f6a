import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { recipeSchema } from '../../src/common/contract/training/recipe.ts'
import { zooNameSchema } from '../../src/common/contract/training/zoo.ts'
import { NETWORKS } from '../../src/zoo/networks.ts'
import { parseRecipe } from '../../src/hosts/training/runs/recipeFile.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const text = readFileSync(join(ROOT, 'docs', 'training.md'), 'utf8')

interface Schema {
	anyOf?: Schema[]
	oneOf?: Schema[]
	allOf?: Schema[]
	items?: Schema
	properties?: Record<string, Schema>
}

/** Every field of a schema as the document writes it: teachers[].share */
function fieldsOf(schema: Schema, path = ''): string[] {
	return [
		...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((part) => fieldsOf(part, path)),
		...(schema.items ? fieldsOf(schema.items, `${path}[]`) : []),
		...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
			const own = path === '' ? key : `${path}.${key}`
			return [own, ...fieldsOf(value, own)]
		}),
	]
}

describe('docs/training.md', () => {
	it('names every field of a recipe, and no other', () => {
		const fields = new Set(fieldsOf(z.toJSONSchema(recipeSchema, { io: 'input', unrepresentable: 'any' }) as Schema))
		expect([...fields].filter((field) => !text.includes(`\`${field}\``))).toEqual([])
		const roots = new Set([...fields].map((field) => field.split(/[.[]/)[0] ?? ''))
		const named = [...text.matchAll(/`([a-zA-Z]+(?:\[\])?(?:\.[a-zA-Z0-9]+(?:\[\])?)+)`/g)].map((match) => match[1] ?? '').filter((name) => roots.has(name.split(/[.[]/)[0] ?? ''))
		expect(named.filter((name) => !fields.has(name) && !/\.(json|jsonl|csv|ts|md)$/.test(name))).toEqual([])
	})

	it('has an example that is a recipe', () => {
		const [, example = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? []
		expect(parseRecipe(JSON.parse(example), 'example').name).toBe('OFA-595 on our films')
	})
})

describe('resources/recipes', () => {
	const folder = join(ROOT, 'resources', 'recipes')
	it.each(readdirSync(folder))('%s is a recipe', (file) => {
		const recipe = parseRecipe(JSON.parse(readFileSync(join(folder, file), 'utf8')), file)
		// What a run writes down is read again on resume.
		expect(parseRecipe(JSON.parse(JSON.stringify(recipe)), file)).toEqual(recipe)
	})
})

it('the zoo\'s names are the same in the contract and in the zoo', () => {
	expect(NETWORKS.map(({ name }) => name).toSorted()).toEqual([...zooNameSchema.options].toSorted())
})
