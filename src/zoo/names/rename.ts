import { autoFormerName } from './autoformer.ts'
import { ofaName } from './ofa.ts'
import { timmVggName } from './timm.ts'
import { torchvisionName } from './torchvision.ts'
import { visformerName } from './visformer.ts'

/**
 * Gives a parameter of another implementation the name that it has here, or gives the name back unchanged.
 * @param all every name of the file, where one name alone does not say which implementation wrote it
 */
type Rename = (name: string, all: ReadonlySet<string>) => string

const RENAMES: readonly Rename[] = [torchvisionName, timmVggName, ofaName, visformerName, autoFormerName]

/** What torch puts before every name: DataParallel, torch.compile, checkpoints that were flattened. */
const PREFIX = /^(?:module\.|_orig_mod\.|state_dict\.|model\.)+/

/** Parts of state dicts that are no parameters: counters, indices and masks that follow from the sizes. */
const NO_PARAMETER = /(?:^|\.)(?:num_batches_tracked|relative_position_index|attn_mask)$/

/**
 * What each tensor of a file is called here; tensors that are no parameters are left out.
 * @param wanted names of the network's parameters: another implementation's name is only changed to one of them
 */
export function renameTensors(names: Iterable<string>, wanted: ReadonlySet<string>): Map<string, string> {
	const plain = new Map([...names].filter((name) => !NO_PARAMETER.test(name)).map((name) => [name, name.replace(PREFIX, '')]))
	const all = new Set(plain.values())
	return new Map([...plain].map(([original, name]) => [original, renameOne(name, all, wanted)]))
}

function renameOne(name: string, all: ReadonlySet<string>, wanted: ReadonlySet<string>): string {
	for (const rename of RENAMES) {
		const renamed = rename(name, all)
		if (renamed !== name && wanted.has(renamed)) return renamed
	}
	return name
}
