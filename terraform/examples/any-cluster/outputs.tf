output "app_url_example" {
  value       = "https://${var.host}/1.jpg"
  description = "URL of an object named 1.jpg. Change the path to reach others."
}

output "username_command" {
  value       = module.release.username_command
  description = "Command that prints the user name."
}

output "password_command" {
  value       = module.release.password_command
  description = "Command that prints the password."
}

output "ready_command" {
  value       = module.release.ready_command
  description = "Command that waits until the S3Proxy answers."
}
