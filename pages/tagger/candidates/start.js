// What the loader calls: once when the candidates appear and again at every rerun.
import { starting } from "../walking/start.js";
import { Candidates } from "./candidates.js";

export default starting(Candidates);
