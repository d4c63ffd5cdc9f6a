import type { NetworkLook, RecipeNetworks } from '../../../common/contract/training/looks.ts'
import type { Recipe, StudentRecipe } from '../../../common/contract/training/recipe.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { Network } from '../../../onnx/network.ts'
import { countMacs, countParameters } from '../../../zoo/count.ts'
import { parseRecipe, resolveStudent, resolveTeacher, type Places } from '../runs/recipeFile.ts'
import type { RecipeSource } from '../runs/run.ts'
import { openStudent } from '../runs/student.ts'

/** What can be named of the networks of a recipe, each for itself; data and losses are not looked at. @throws UserError where it is no recipe. */
export function recipeNetworks({ recipe: written, title, base }: RecipeSource, { models }: Pick<Places, 'models'>, classes: number): RecipeNetworks {
	const recipe = parseRecipe(written, title)
	const places = { base, models }
	return {
		student: looked(() => lookAt(recipe, resolveStudent(recipe.student, places, title), recipe.input, classes)),
		teachers: recipe.teachers.map((teacher, index) => looked(() => {
			const found = resolveTeacher(teacher, index, places, title)
			return found.from === 'pack' ? lookAt(recipe, { from: 'pack', pack: found.pack }, {}, classes) : lookAt(recipe, { from: 'onnx', file: found.file }, found.input, found.labels.length)
		})),
	}
}

function looked(look: () => NetworkLook): NetworkLook | { fault: string } {
	try {
		return look()
	} catch (error) {
		if (error instanceof UserError) return { fault: error.message }
		throw error
	}
}

function lookAt(recipe: Recipe, student: StudentRecipe, input: Recipe['input'], classes: number): NetworkLook {
	const { network } = openStudent({ ...recipe, student, input }, Array.from({ length: classes }, (_, index) => String(index)))
	const { weighted, attention } = countMacs(network)
	return {
		title: network.title, size: network.inputSize, parameters: countParameters(network), macs: weighted + attention,
		layers: network.hintLayers.map(({ name, channels, height, width }) => ({ name, channels, height, width })), parts: partsOf(network),
	}
}

/** A part of a network ends with the first number in a parameter's name: blocks.3 of blocks.3.conv.weight, /m/f/f.3 of /m/f/f.3/Conv. What has no number is a part of its own. */
const PART = /^(.*?\d+)(?=[./])/

function partsOf({ graph, parameters }: Network): NetworkLook['parts'] {
	const met = new Map<string, number>()
	for (const { input } of graph.node) for (const name of input) if (!met.has(name)) met.set(name, met.size)
	const trained = parameters.filter(({ role }) => role !== 'runningMean' && role !== 'runningVariance').toSorted((a, b) => (met.get(a.name) ?? 0) - (met.get(b.name) ?? 0))
	const parts = new Map<string, { patterns: Set<string>; parameters: number }>()
	for (const { name, dims } of trained) {
		const prefix = PART.exec(name)?.[1]
		const { key, pattern } = prefix === undefined ? ownPart(name) : { key: keyOf(prefix), pattern: `${prefix}${name.at(prefix.length) ?? ''}*` }
		const part = parts.get(key) ?? { patterns: new Set<string>(), parameters: 0 }
		part.patterns.add(pattern)
		part.parameters += dims.reduce((product, size) => product * size, 1)
		parts.set(key, part)
	}
	return [...parts.values()].map(({ patterns, parameters: count }) => ({ patterns: [...patterns], parameters: count }))
}

function ownPart(name: string): { key: string; pattern: string } {
	const end = name.search(/[./](?=[^./]+$)/)
	return end <= 0 ? { key: name, pattern: name } : { key: name.slice(0, end), pattern: `${name.slice(0, end + 1)}*` }
}

/** Exported graphs write the same place as m.f.7 and as /m/f/f.7. */
function keyOf(prefix: string): string {
	const pieces = prefix.split(/[./]/).filter((piece) => piece !== '')
	return pieces.filter((piece, index) => piece !== pieces[index - 1]).join('.')
}
