// The views that are drawn by code that comes when it is first wanted.
import { chart, timeline } from "./chart";
import { graph } from "./graph";
import { map } from "./map";
import { pivot } from "./pivot";
import type { View } from "./view";

export const LAZY: View[] = [map, graph, timeline, chart, pivot];
