# tflint --recursive --config "$PWD/.tflint.hcl"
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files are named for what they hold; a module's variables, outputs and versions are where everybody looks for them.
rule "terraform_standard_module_structure" {
  enabled = true
}
