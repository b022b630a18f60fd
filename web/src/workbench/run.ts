// Run a query and let go of it: one at a time, and what was let go of is never shown.
import { ask, type Result } from "../endpoint";

/** The run of the moment. */
export class Run {
	private gone: AbortController | undefined;

	get isOn(): boolean {
		return this.gone !== undefined;
	}

	/** Return the answer, or undefined where the run was stopped; raises Problem. */
	async start(query: string, evidence: boolean): Promise<Result | undefined> {
		this.stop();
		const gone = new AbortController();
		this.gone = gone;
		try {
			return await ask(query, gone.signal, evidence);
		} catch (error) {
			if (gone.signal.aborted) return undefined;
			throw error;
		} finally {
			if (this.gone === gone) this.gone = undefined;
		}
	}

	/** Close the connection, on which the server ends the evaluator. */
	stop(): void {
		this.gone?.abort();
		this.gone = undefined;
	}
}
