/** How often a run is worked on from one step without coming further, before it has failed. */
export const MOST_ATTEMPTS = 3

/** Why a run is given up whose process ends again and again. @param ending how it ended the last time, as the system says it; '' where nobody saw it. */
export function gaveUpInWords(ending: string): string {
	return `The training process was started ${MOST_ATTEMPTS} times and ended each time before it came to a new checkpoint: ${endingInWords(ending)}. What the run has saved is kept; it can be resumed when there is more memory. A new run with a smaller batch and optimisation.accumulate, or a smaller input.size, needs less.`
}

/** signal SIGKILL, exit code 134. */
export function endingInWords(ending: string): string {
	switch (ending) {
		case '': return 'how is not known, since the whole program ended with it'
		case 'signal SIGKILL': case 'exit code 137': return 'the system ended it, which it does most often because the memory is used up'
		case 'signal SIGABRT': case 'exit code 134': return 'it gave up by itself, most often because the memory that it may take is used up'
		case 'signal SIGSEGV': case 'exit code 139': case 'signal SIGILL': case 'signal SIGBUS': case 'signal SIGFPE': return 'it broke down inside the compute library'
		case 'signal SIGTERM': case 'signal SIGINT': case 'signal SIGHUP': return 'another program told it to end'
		default: return `it ended without a word (${ending})`
	}
}

/** 90 seconds: 2 minutes. */
export function timeInWords(seconds: number): string {
	return seconds < 90 ? 'about a minute' : seconds < 5400 ? `about ${Math.ceil(seconds / 60)} minutes` : `about ${(seconds / 3600).toFixed(1)} hours`
}
