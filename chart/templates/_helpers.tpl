{{- define "s3proxy-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The release's name, with the chart's where it does not hold it. */}}
{{- define "s3proxy-operator.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Name of cluster-wide objects: two releases of one name in two namespaces must not share them. */}}
{{- define "s3proxy-operator.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "s3proxy-operator.fullname" .) }}
{{- end }}

{{/* The same for objects whose name must be a DNS name. */}}
{{- define "s3proxy-operator.policyName" -}}
{{- printf "%s.%s" (include "s3proxy-operator.fullname" .) .Release.Namespace }}
{{- end }}

{{- define "s3proxy-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "s3proxy-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of the operator's pods. Without versions: an upgrade that changes nothing for the pods must not restart them. */}}
{{- define "s3proxy-operator.podLabels" -}}
{{ include "s3proxy-operator.selectorLabels" . }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: s3proxy
{{- end }}

{{- define "s3proxy-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "s3proxy-operator.podLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Labels of the pod of "helm test". Another name than the operator's, whose Service must not select it. */}}
{{- define "s3proxy-operator.testLabels" -}}
app.kubernetes.io/name: {{ include "s3proxy-operator.name" . | trunc 58 | trimSuffix "-" }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "s3proxy-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "s3proxy-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* repository:tag@digest of an image; takes the image's values and the tag for when neither is given. */}}
{{- define "s3proxy-operator.image" -}}
{{- $tag := .image.tag }}
{{- if not (or $tag .image.digest) }}
{{- $tag = .appVersion }}
{{- end }}
{{- .image.repository }}{{ with $tag }}:{{ . }}{{ end }}{{ with .image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* What the operator may do in a namespace that it works in: what test/security/used-permissions.test.ts sees it do. */}}
{{- define "s3proxy-operator.rules" -}}
- apiGroups: [s3proxy.dev]
  resources: [s3proxies]
  verbs: [list, watch]
- apiGroups: [s3proxy.dev]
  resources: [s3proxies/status]
  verbs: [patch]
{{- if .Values.rbac.ownerReferencesPermissionEnforcement }}
- apiGroups: [s3proxy.dev]
  resources: [s3proxies/finalizers]
  verbs: [update]
{{- end }}
# The children. Server-side apply is a patch, and a create where there is nothing yet. What every S3Proxy has goes with it, and is never deleted otherwise.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [secrets, serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [ingresses, networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
# Of other projects: used where an S3Proxy asks for them.
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [cert-manager.io]
  resources: [certificates]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [traefik.io]
  resources: [middlewares]
  verbs: [get, list, watch, create, patch, delete]
# The proxies themselves are asked whether they reach their bucket. One that its node evicts, as an event says, is deleted: it would be sent requests until after its end.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [list, watch, create, patch]
{{- end }}
