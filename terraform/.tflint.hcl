# tflint --recursive --config "$PWD/.tflint.hcl"
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# It asks for a main.tf. The AWS module's files are named for what they hold.
rule "terraform_standard_module_structure" {
  enabled = false
}
