import { argon2id } from "./plain";
import { serve } from "./serve";

serve(argon2id);
