// What the loader calls: once when the document appears and again at every rerun.
import { starting } from "../walking/start.js";
import { Adjudication } from "./adjudication.js";

export default starting(Adjudication);
