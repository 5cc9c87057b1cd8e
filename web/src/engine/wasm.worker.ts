import { argon2id } from "./wasm";
import { serve } from "./serve";

serve(argon2id);
